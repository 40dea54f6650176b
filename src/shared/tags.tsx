import type { JSX } from 'react';

import { usePage } from './context';

/** A tag as typed. */
export interface ITag {
  key: string;
  value: string;
}

/** Rows of keys and values. */
export function Tags(props: {
  tags: ITag[];
  onChange: (tags: ITag[]) => void;
  error: string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { tags, onChange } = props;
  const change = (index: number, part: 'key' | 'value', text: string): void =>
    onChange(
      tags.map((tag, at) => (at === index ? { ...tag, [part]: text } : tag))
    );
  return (
    <div className="smstudio-Tags" data-field="tags">
      {tags.map((tag, index) => (
        <div key={index} className="smstudio-Tags-row">
          <input
            type="text"
            className="jp-mod-styled"
            value={tag.key}
            placeholder={trans.__('Key')}
            aria-label={trans.__('Key of tag %1', index + 1)}
            onChange={event => change(index, 'key', event.target.value)}
          />
          <input
            type="text"
            className="jp-mod-styled"
            value={tag.value}
            placeholder={trans.__('Value')}
            aria-label={trans.__('Value of tag %1', index + 1)}
            onChange={event => change(index, 'value', event.target.value)}
          />
          <button
            type="button"
            className="smstudio-IconButton"
            title={trans.__('Remove this tag')}
            aria-label={trans.__('Remove tag %1', index + 1)}
            onClick={() => onChange(tags.filter((_, at) => at !== index))}
          >
            ✕
          </button>
        </div>
      ))}
      {props.error && (
        <div className="smstudio-Field-error" role="alert">
          {props.error}
        </div>
      )}
      <button
        type="button"
        className="jp-mod-styled jp-mod-reject"
        onClick={() => onChange([...tags, { key: '', value: '' }])}
      >
        {trans.__('Add a tag')}
      </button>
    </div>
  );
}
