import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ImageVersion } from '../../api/generated';
import { usePage } from '../context';
import { TextField } from '../fields';
import { Choices, Field } from '../form';
import type { IPickers } from '../pickers';
import { ErrorBox } from '../states';
import type { IFormPart } from './form';
import {
  choiceOfAlgorithm,
  choiceOfFramework,
  declared,
  imageOf
} from './form';

/** What trains: a built-in algorithm, a script of one's own, or an image of one's own. */
export function SourceFields(
  props: IFormPart & { pickers: IPickers | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const image = imageOf(form, options);
  return (
    <>
      <Choices
        name="source"
        legend={trans.__('What trains?')}
        value={form.source}
        choices={[
          { value: 'algorithm', label: trans.__('A built-in algorithm') },
          {
            value: 'script',
            label: trans.__('A script of my own, in the image of a framework')
          },
          { value: 'image', label: trans.__('A container image of my own') }
        ]}
        onChange={source => {
          const framework =
            options.frameworks.find(each => each.offered) ??
            options.frameworks[0];
          set({
            source,
            // An algorithm's own defaults say nothing to a script.
            hyperparameters: form.hyperparameters.filter(
              each =>
                declared(form, options).find(other => other.name === each.name)
                  ?.default !== each.value
            ),
            ...(source === 'script' && !form.framework && framework
              ? choiceOfFramework(form, framework)
              : {})
          });
        }}
      />
      {form.source === 'algorithm' && <AlgorithmFields {...props} />}
      {form.source === 'script' && <ScriptFields {...props} />}
      {form.source === 'image' && (
        <TextField
          name="image"
          label={trans.__('Training image')}
          required
          error={error('image')}
          help={trans.__(
            'The URI of an image in ECR, for example 111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:latest.'
          )}
          value={form.image}
          onChange={image => set({ image })}
        />
      )}
      {form.source !== 'image' && image && (
        <p className="smstudio-Field-help" data-field="image">
          {trans.__('Image')}: <code>{image}</code>
        </p>
      )}
      {form.source !== 'image' && error('image') && (
        <div className="smstudio-Field-error">{error('image')}</div>
      )}
    </>
  );
}

function AlgorithmFields(props: IFormPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const chosen = options.algorithms.find(each => each.name === form.algorithm);
  return (
    <div className="smstudio-Form-row">
      <Field
        name="algorithm"
        label={trans.__('Algorithm')}
        required
        error={error('algorithm')}
        help={chosen?.summary}
      >
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={form.algorithm}
            onChange={event => {
              const next = options.algorithms.find(
                each => each.name === event.target.value
              );
              if (next) {
                set(choiceOfAlgorithm(form, next, chosen ?? null));
              }
            }}
          >
            {!chosen && (
              <option value={form.algorithm}>{form.algorithm}</option>
            )}
            {options.algorithms.map(each => (
              <option
                key={each.name}
                value={each.name}
                disabled={!each.offered}
                title={each.summary}
              >
                {each.offered
                  ? each.title
                  : trans.__('%1 (not offered here)', each.title)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <VersionField {...props} versions={chosen?.versions ?? []} />
      <Field
        name="input_mode"
        label={trans.__('Input mode')}
        error={error('input_mode')}
      >
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={form.input_mode}
            onChange={event =>
              set({
                input_mode: event.target.value as typeof form.input_mode
              })
            }
          >
            {(chosen?.input_modes ?? ['File']).map(mode => (
              <option key={mode}>{mode}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function VersionField(
  props: IFormPart & { versions: ImageVersion[] }
): JSX.Element {
  const { trans } = usePage();
  const { form, set, versions } = props;
  const known = versions.some(each => each.version === form.version);
  return (
    <Field
      name="version"
      label={trans.__('Version')}
      error={props.error('version')}
    >
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={form.version}
          onChange={event => set({ version: event.target.value })}
        >
          {!known && <option value={form.version}>{form.version}</option>}
          {versions.map(each => (
            <option key={each.version}>{each.version}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

function ScriptFields(
  props: IFormPart & { pickers: IPickers | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error, pickers } = props;
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const chosen = options.frameworks.find(each => each.name === form.framework);
  const pick = async (
    choose: () => Promise<string | null>,
    entry: (path: string) => string
  ): Promise<void> => {
    setFailure(null);
    try {
      const path = await choose();
      if (path) {
        set({ script_path: path, script_s3_uri: '', entry_point: entry(path) });
      }
    } catch (reason) {
      setFailure(ApiFailure.from(reason));
    }
  };
  return (
    <>
      <div className="smstudio-Form-row">
        <Field
          name="framework"
          label={trans.__('Framework')}
          required
          error={error('framework')}
        >
          {control => (
            <select
              {...control}
              className="jp-mod-styled"
              value={form.framework}
              onChange={event => {
                const next = options.frameworks.find(
                  each => each.name === event.target.value
                );
                if (next) {
                  set({ ...choiceOfFramework(form, next), image: '' });
                }
              }}
            >
              {!chosen && <option value={form.framework} />}
              {options.frameworks.map(each => (
                <option
                  key={each.name}
                  value={each.name}
                  disabled={!each.offered}
                >
                  {each.offered
                    ? each.title
                    : trans.__('%1 (not offered here)', each.title)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <VersionField {...props} versions={chosen?.versions ?? []} />
      </div>
      {form.script_s3_uri ? (
        <Field
          name="script.path"
          label={trans.__('Packed script in S3')}
          error={error('script.path')}
          help={trans.__('The archive of the job that was cloned.')}
        >
          {control => (
            <div className="smstudio-Source-line">
              <input
                {...control}
                type="text"
                className="jp-mod-styled"
                value={form.script_s3_uri}
                spellCheck={false}
                onChange={event => set({ script_s3_uri: event.target.value })}
              />
              <button
                type="button"
                className="jp-mod-styled jp-mod-reject"
                onClick={() => set({ script_s3_uri: '' })}
              >
                {trans.__('Choose another')}
              </button>
            </div>
          )}
        </Field>
      ) : (
        <Field
          name="script.path"
          label={trans.__('Script, or folder with the script')}
          required
          error={error('script.path')}
          help={trans.__(
            'A path as in the file browser. It is packed and copied to S3 when the job is created; requirements.txt beside it is installed.'
          )}
        >
          {control => (
            <div className="smstudio-Source-line">
              <input
                {...control}
                type="text"
                className="jp-mod-styled"
                value={form.script_path}
                spellCheck={false}
                onChange={event => set({ script_path: event.target.value })}
              />
              {pickers && (
                <>
                  <button
                    type="button"
                    className="jp-mod-styled jp-mod-reject"
                    onClick={() =>
                      void pick(pickers.script, path =>
                        path.slice(path.lastIndexOf('/') + 1)
                      )
                    }
                  >
                    {trans.__('File…')}
                  </button>
                  <button
                    type="button"
                    className="jp-mod-styled jp-mod-reject"
                    onClick={() =>
                      void pick(pickers.folder, () => form.entry_point)
                    }
                  >
                    {trans.__('Folder…')}
                  </button>
                </>
              )}
            </div>
          )}
        </Field>
      )}
      <TextField
        name="script.entry_point"
        label={trans.__('Entry point')}
        error={error('script.entry_point')}
        help={trans.__('The program inside the folder, for example train.py.')}
        value={form.entry_point}
        onChange={entry_point => set({ entry_point })}
      />
      {failure && <ErrorBox error={failure} />}
    </>
  );
}
