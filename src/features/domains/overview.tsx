import type { JSX } from 'react';
import { useState } from 'react';

import type { Domain } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import { Copied, Facts } from '../../shared/facts';
import { Choices } from '../../shared/form';
import { S3Uri } from '../../shared/s3uri';
import { TimeText } from '../../shared/time';
import { TextField } from './fields';
import { FormDialog } from '../../shared/formdialog';

/** The tab "Domain": what it is, where shared notebooks are kept. */
export function Overview(props: { domain: Domain }): JSX.Element {
  const { trans } = usePage();
  const status = useStatus();
  const { domain } = props;
  const [editing, setEditing] = useState(false);
  const networks: Record<string, string> = {
    PublicInternetOnly: trans.__('Public Internet Only'),
    VpcOnly: trans.__('VPC Only')
  };
  const home =
    status?.target.kind === 'local' && status.engine.data_dir
      ? `${status.engine.data_dir}/studio/homes/${domain.id}`
      : domain.home;
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Studio ID'), <Copied key="id" text={domain.id} />],
          [trans.__('ARN'), <Copied key="arn" text={domain.arn} />],
          [trans.__('Failure reason'), domain.failure_reason],
          [trans.__('Authentication'), domain.auth_mode],
          [
            trans.__('Default execution role'),
            domain.execution_role && (
              <Copied key="role" text={domain.execution_role} />
            )
          ],
          [
            trans.__('Home folders of users'),
            home && <Copied key="home" text={home} />
          ],
          [
            trans.__('Network access'),
            domain.network && (networks[domain.network] ?? domain.network)
          ],
          [trans.__('VPC'), domain.vpc_id],
          [trans.__('Subnets'), domain.subnet_ids.join(', ')],
          [trans.__('Security groups'), domain.security_group_ids.join(', ')],
          [trans.__('Encryption key'), domain.kms_key_id],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={domain.created} both />
          ],
          [
            trans.__('Last modified'),
            <TimeText key="modified" value={domain.modified} both />
          ]
        ]}
      />
      <div className="smstudio-Domain-heading">
        <h2>{trans.__('Notebook sharing')}</h2>
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setEditing(true)}
        >
          {trans.__('Edit…')}
        </button>
      </div>
      <Facts
        items={[
          [
            trans.__('S3 location'),
            domain.sharing.s3_output_path ? (
              <S3Uri key="path" uri={domain.sharing.s3_output_path} />
            ) : (
              trans.__('Sharing is off')
            )
          ],
          [
            trans.__('Cell output'),
            domain.sharing.s3_output_path &&
              (domain.sharing.output_allowed
                ? trans.__('Allow users to share cell output')
                : trans.__('Disable cell output sharing'))
          ],
          [
            trans.__('Encryption key of shared notebooks'),
            domain.sharing.kms_key_id
          ]
        ]}
      />
      {editing && (
        <EditSettings domain={domain} onClose={() => setEditing(false)} />
      )}
    </div>
  );
}

function EditSettings(props: {
  domain: Domain;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [role, setRole] = useState(domain.execution_role ?? '');
  const [path, setPath] = useState(domain.sharing.s3_output_path ?? '');
  const [output, setOutput] = useState(domain.sharing.output_allowed ?? false);
  const [key, setKey] = useState(domain.sharing.kms_key_id ?? '');
  return (
    <FormDialog
      title={trans.__('Settings of the domain')}
      submit={trans.__('Save')}
      onClose={props.onClose}
      send={() =>
        studio.api.call('updateDomain', {
          name: domain.id,
          body: {
            execution_role: role || null,
            sharing: {
              output_allowed: output,
              s3_output_path: path || null,
              kms_key_id: key || null
            }
          }
        })
      }
    >
      {error => (
        <>
          <TextField
            name="execution_role"
            label={trans.__('Default execution role')}
            value={role}
            error={error('execution_role')}
            onChange={setRole}
          />
          <TextField
            name="sharing.s3_output_path"
            label={trans.__('S3 location of shared notebooks')}
            value={path}
            pattern="s3://[^/]+(/.*)?"
            error={error('sharing.s3_output_path')}
            help={trans.__('Empty: the default bucket.')}
            onChange={setPath}
          />
          <Choices
            name="output"
            legend={trans.__('Cell output')}
            value={output ? 'allowed' : 'disabled'}
            choices={[
              {
                value: 'allowed',
                label: trans.__('Allow users to share cell output')
              },
              {
                value: 'disabled',
                label: trans.__('Disable cell output sharing')
              }
            ]}
            onChange={value => setOutput(value === 'allowed')}
          />
          <TextField
            name="sharing.kms_key_id"
            label={trans.__('Encryption key of shared notebooks')}
            value={key}
            error={error('sharing.kms_key_id')}
            onChange={setKey}
          />
        </>
      )}
    </FormDialog>
  );
}
