import type { JSX } from 'react';
import { useId } from 'react';

import { usePage } from '../context';
import { TextField } from '../fields';
import { Field } from '../form';
import type { IPickers } from '../pickers';
import { S3Field } from '../s3field';
import type { IChannel, IFormPart } from './form';
import { newChannel } from './form';

const CONTENT_TYPES = [
  'text/csv',
  'text/csv;label_size=0',
  'text/libsvm',
  'application/x-recordio-protobuf',
  'application/x-parquet',
  'application/jsonlines',
  'application/x-recordio',
  'application/x-image',
  'text/plain'
];

/** The input channels. */
export function ChannelFields(
  props: IFormPart & { pickers: IPickers | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const { channels } = form;
  const known =
    form.source === 'algorithm'
      ? (options.algorithms.find(each => each.name === form.algorithm)
          ?.channels ?? [])
      : [];
  const missing = known.filter(
    each => !channels.some(channel => channel.name === each.name)
  );
  const change = (index: number, part: Partial<IChannel>): void =>
    set({
      channels: channels.map((channel, at) =>
        at === index ? { ...channel, ...part } : channel
      )
    });
  const whole = error('channels');
  return (
    <div data-field="channels">
      {channels.map((channel, index) => (
        <ChannelField
          key={index}
          {...props}
          channel={channel}
          index={index}
          contentTypes={
            known.find(each => each.name === channel.name)?.content_types ??
            CONTENT_TYPES
          }
          change={part => change(index, part)}
          remove={() =>
            set({ channels: channels.filter((_, at) => at !== index) })
          }
        />
      ))}
      {whole && (
        <div className="smstudio-Field-error" role="alert">
          {whole}
        </div>
      )}
      <div className="smstudio-Source-ways">
        {missing.map(each => (
          <button
            key={each.name}
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() =>
              set({
                channels: [
                  ...channels,
                  newChannel(each.name, each.content_types[0] ?? '')
                ]
              })
            }
          >
            {trans.__('Add channel "%1"', each.name)}
          </button>
        ))}
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() =>
            set({
              channels: [
                ...channels,
                newChannel(channels.length || known.length ? '' : 'training')
              ]
            })
          }
        >
          {trans.__('Add a channel')}
        </button>
      </div>
    </div>
  );
}

function ChannelField(
  props: IFormPart & {
    pickers: IPickers | null;
    channel: IChannel;
    index: number;
    contentTypes: string[];
    change: (part: Partial<IChannel>) => void;
    remove: () => void;
  }
): JSX.Element {
  const { trans } = usePage();
  const { channel, index, change, pickers } = props;
  const list = useId();
  const error = (field: string): string | null =>
    props.error(`channels.${index}.${field}`);
  return (
    <fieldset className="smstudio-Channel">
      <legend>{channel.name || trans.__('New channel')}</legend>
      <button
        type="button"
        className="smstudio-IconButton smstudio-Channel-remove"
        title={trans.__('Remove this channel')}
        aria-label={trans.__('Remove channel %1', channel.name || index + 1)}
        onClick={props.remove}
      >
        ✕
      </button>
      <div className="smstudio-Form-row">
        <TextField
          name={`channels.${index}.name`}
          label={trans.__('Channel name')}
          required
          error={error('name')}
          value={channel.name}
          onChange={name => change({ name })}
        />
        <Field
          name={`channels.${index}.content_type`}
          label={trans.__('Content type')}
          error={error('content_type')}
        >
          {control => (
            <>
              <input
                {...control}
                type="text"
                className="jp-mod-styled"
                value={channel.content_type}
                list={list}
                spellCheck={false}
                onChange={event => change({ content_type: event.target.value })}
              />
              <datalist id={list}>
                {props.contentTypes.map(each => (
                  <option key={each} value={each} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </div>
      <S3Field
        name={`channels.${index}.s3_uri`}
        label={trans.__('S3 location')}
        required
        error={error('s3_uri')}
        value={channel.s3_uri}
        pickers={pickers}
        onChange={s3_uri => change({ s3_uri })}
      />
      <details className="smstudio-Channel-more">
        <summary>{trans.__('How the data is read')}</summary>
        <ChannelDetails {...props} />
      </details>
    </fieldset>
  );
}

function ChannelDetails(
  props: IFormPart & {
    channel: IChannel;
    index: number;
    change: (part: Partial<IChannel>) => void;
  }
): JSX.Element {
  const { trans } = usePage();
  const { channel, index, change } = props;
  const choice = (
    field:
      | 'data_type'
      | 'distribution'
      | 'compression'
      | 'record_wrapper'
      | 'input_mode',
    label: string,
    values: [value: string, label: string][]
  ): JSX.Element => (
    <Field
      name={`channels.${index}.${field}`}
      label={label}
      error={props.error(`channels.${index}.${field}`)}
    >
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={channel[field]}
          onChange={event =>
            change({ [field]: event.target.value } as Partial<IChannel>)
          }
        >
          {values.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <>
      <div className="smstudio-Form-row">
        {choice('data_type', trans.__('The location is'), [
          ['S3Prefix', trans.__('a file or all files under a prefix')],
          ['ManifestFile', trans.__('a manifest file')],
          ['AugmentedManifestFile', trans.__('an augmented manifest file')]
        ])}
        {choice('distribution', trans.__('Each instance gets'), [
          ['FullyReplicated', trans.__('all files')],
          ['ShardedByS3Key', trans.__('a part of the files')]
        ])}
        {choice('input_mode', trans.__('Input mode'), [
          ['', trans.__('as the job')],
          ['File', 'File'],
          ['Pipe', 'Pipe'],
          ['FastFile', 'FastFile']
        ])}
      </div>
      <div className="smstudio-Form-row">
        {choice('compression', trans.__('Compression'), [
          ['None', trans.__('None')],
          ['Gzip', 'Gzip']
        ])}
        {choice('record_wrapper', trans.__('Wrap records in'), [
          ['None', trans.__('None')],
          ['RecordIO', 'RecordIO']
        ])}
        <TextField
          name={`channels.${index}.shuffle_seed`}
          label={trans.__('Shuffle seed')}
          numeric
          value={channel.shuffle_seed}
          placeholder={trans.__('not shuffled')}
          onChange={shuffle_seed => change({ shuffle_seed })}
        />
      </div>
      {channel.data_type === 'AugmentedManifestFile' && (
        <TextField
          name={`channels.${index}.attribute_names`}
          label={trans.__('Attribute names')}
          required
          error={props.error(`channels.${index}.attribute_names`)}
          help={trans.__('Separated by commas, in the order of the records.')}
          value={channel.attribute_names}
          onChange={attribute_names => change({ attribute_names })}
        />
      )}
    </>
  );
}
