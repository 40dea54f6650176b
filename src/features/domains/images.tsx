import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type {
  AttachImage,
  Domain,
  OwnImage,
  OwnImageList,
  OwnImageVersion
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { SelectField } from '../../shared/fields';
import type { IColumn } from '../../shared/grid';
import { useQuery } from '../../shared/query';
import { StatusBadge } from '../../shared/status';
import { TextField } from './fields';
import { FormDialog } from '../../shared/formdialog';
import {
  actionsColumn,
  createdColumn,
  DeleteDialog,
  DeleteLink,
  TableTab
} from './tab';

type Kind = AttachImage['kind'];

/** An image of the list; `latest` is undefined until it is told, null without any version. */
interface IRow extends OwnImage {
  latest: OwnImageVersion | null | undefined;
  offered: string[];
}

/** The tab "Images": own images, and the form that attaches one. */
export function Images(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState<string | null>(null);
  const query = useQuery<OwnImageList>(
    'own-images',
    (page, signal) => page.api.call('listOwnImages', { signal }),
    {
      concerns: change => ['Image', 'ImageVersion'].includes(change.kind),
      busy: () => false
    }
  );
  const rows = useRows(domain, query.data);
  const columns = useMemo<IColumn<IRow>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        render: row => (
          <span title={row.description ?? row.name}>
            {row.display_name ? `${row.display_name} (${row.name})` : row.name}
          </span>
        )
      },
      {
        id: 'status',
        label: trans.__('Latest version'),
        render: row => {
          const { latest } = row;
          return latest ? (
            <>
              {latest.number}{' '}
              <StatusBadge
                status={latest.status}
                detail={latest.failure_reason}
              />
            </>
          ) : latest === null ? (
            trans.__('None yet')
          ) : (
            ''
          );
        }
      },
      {
        id: 'base',
        label: trans.__('Made of'),
        from: 'medium',
        render: row => {
          const { latest } = row;
          const text = latest?.failure_reason ?? latest?.base ?? '';
          return <span title={text}>{text}</span>;
        }
      },
      {
        id: 'attached',
        label: trans.__('Offered by'),
        from: 'wide',
        render: row => row.offered.join(', ')
      },
      createdColumn(trans, 'wide'),
      actionsColumn(trans, row => (
        <DeleteLink
          label={trans.__('Delete the image %1', row.name)}
          onClick={() => setGone(row.name)}
        />
      ))
    ],
    [trans]
  );
  return (
    <TableTab<IRow>
      label={trans.__('Images')}
      columns={columns}
      rows={rows}
      query={query}
      rowKey={row => row.name}
      kind="Image"
      add={{ label: trans.__('Attach image'), disabled: !query.data }}
      onAdd={() => setAdding(true)}
      tools={
        <span className="smstudio-mod-dim">
          {trans.__(
            'Own images stand beside the built-in ones when a notebook chooses its environment.'
          )}
        </span>
      }
      empty={{
        title: trans.__('No own images'),
        text: trans.__(
          'Attach a requirements.txt, a conda environment, or an environment that is there already.'
        )
      }}
    >
      {adding && query.data && (
        <Attach
          domain={domain}
          sources={query.data.sources}
          onClose={() => setAdding(false)}
        />
      )}
      {gone && (
        <DeleteDialog
          title={trans.__('Delete image')}
          text={trans.__(
            'The image "%1" is detached from all domains and deleted with its versions; what it was made of stays.',
            gone
          )}
          onClose={() => setGone(null)}
          send={() => studio.api.call('deleteOwnImage', { name: gone })}
        />
      )}
    </TableTab>
  );
}

/**
 * The images with what is asked about each by itself: its versions, and which domains offer it (of the one that is shown that
 * is known).
 */
function useRows(domain: Domain, list: OwnImageList | null): IRow[] | null {
  const names = useMemo(
    () => (list?.items ?? []).map(each => each.name),
    [list]
  );
  const versions = useQuery<Record<string, OwnImageVersion[]>>(
    `own-image-versions:${names.join('/')}`,
    async (page, signal) => {
      const found = await Promise.all(
        names.map(name => page.api.call('listImageVersions', { name, signal }))
      );
      return Object.fromEntries(
        found.map((each, index) => [names[index], each.versions])
      );
    },
    {
      concerns: change => ['Image', 'ImageVersion'].includes(change.kind),
      busy: found =>
        Object.values(found).some(each =>
          each.some(version => version.status === 'CREATING')
        )
    }
  );
  const others = useQuery<Domain[]>(
    `domains-beside:${domain.id}`,
    async (page, signal) => {
      const { items } = await page.api.call('listDomains', { signal });
      return Promise.all(
        items
          .filter(each => each.id !== domain.id)
          .map(each =>
            page.api.call('describeDomain', { name: each.id, signal })
          )
      );
    },
    { concerns: change => change.kind === 'Domain', busy: () => false }
  );
  return useMemo(
    () =>
      list &&
      list.items.map(image => ({
        ...image,
        latest: versions.data
          ? (versions.data[image.name]?.[0] ?? null)
          : undefined,
        offered: [domain, ...(others.data ?? [])]
          .filter(each => each.images.includes(image.name))
          .map(each => each.name)
      })),
    [domain, list, versions.data, others.data]
  );
}

function Attach(props: {
  domain: Domain;
  sources: Kind[];
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, sources } = props;
  const labels: Record<Kind, [label: string, help: string]> = {
    requirements: [
      'requirements.txt',
      trans.__('Packages of pip, one a line; a file of this server.')
    ],
    conda: [
      'environment.yml',
      trans.__('A conda environment; a file of this server.')
    ],
    environment: [
      trans.__('Virtual or conda environment'),
      trans.__('Folder that holds bin/python with ipykernel.')
    ],
    kernelspec: [
      trans.__('Kernelspec'),
      trans.__('Name of an installed kernel, or the folder of its kernel.json.')
    ],
    container: [
      trans.__('Container image in Amazon ECR'),
      trans.__('Address of the image with its tag.')
    ]
  };
  const [kind, setKind] = useState<Kind>(sources[0]);
  const [source, setSource] = useState('');
  const [name, setName] = useState('');
  const [shown, setShown] = useState('');
  const [kernel, setKernel] = useState('python3');
  return (
    <FormDialog
      title={trans.__('Attach image')}
      submit={trans.__('Attach image')}
      onClose={props.onClose}
      send={async () => {
        const made = await studio.api.call('attachImage', {
          body: {
            name,
            display_name: shown || null,
            kind,
            source: source.trim(),
            kernel_name: kernel,
            kernel_display_name: shown || null,
            domain_id: domain.id
          }
        });
        if (made.status === 'CREATE_FAILED') {
          throw new Error(made.failure_reason ?? made.status);
        }
      }}
    >
      {error => (
        <>
          <SelectField
            name="kind"
            label={trans.__('Made of')}
            value={kind}
            error={error('kind')}
            choices={sources.map(value => ({ value, label: labels[value][0] }))}
            onChange={value => setKind(value as Kind)}
          />
          <TextField
            name="source"
            label={labels[kind][0]}
            required
            maxLength={255}
            value={source}
            error={error('source')}
            help={labels[kind][1]}
            onChange={setSource}
          />
          <TextField
            name="name"
            label={trans.__('Image name')}
            required
            value={name}
            error={error('name')}
            maxLength={63}
            pattern="[a-zA-Z0-9]([\-.]?[a-zA-Z0-9])*"
            help={trans.__(
              'Letters, digits, hyphens and dots. A name that is there gets a new version.'
            )}
            onChange={setName}
          />
          <TextField
            name="display_name"
            label={trans.__('Display name')}
            value={shown}
            error={error('display_name')}
            maxLength={128}
            onChange={setShown}
          />
          {kind !== 'kernelspec' && (
            <TextField
              name="kernel_name"
              label={trans.__('Kernel name')}
              required
              value={kernel}
              error={error('kernel_name')}
              onChange={setKernel}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
