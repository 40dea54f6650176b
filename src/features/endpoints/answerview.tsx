import type { JSX } from 'react';
import { useState } from 'react';

import { usePage } from '../../shared/context';
import { CopyButton } from '../../shared/s3uri';
import { shownAnswer } from './answer';

/** A request or an answer as people read it; as it came on request. */
export function AnswerView(props: {
  label: string;
  body: string;
  isBase64: boolean;
  contentType: string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { body, label } = props;
  const [raw, setRaw] = useState(false);
  const pretty = shownAnswer(body, props.isBase64, props.contentType);
  const plain = shownAnswer(body, false, null);
  const shown = raw ? plain : pretty;
  return (
    <div className="smstudio-Answer">
      <div className="smstudio-Answer-tools">
        {JSON.stringify(pretty) !== JSON.stringify(plain) && (
          <button
            type="button"
            className="smstudio-Link"
            aria-pressed={raw}
            onClick={() => setRaw(!raw)}
          >
            {raw ? trans.__('Show formatted') : trans.__('Show as it came')}
          </button>
        )}
        <CopyButton text={body} label={trans.__('Copy')} />
      </div>
      {shown.kind === 'image' && <img src={shown.url} alt={label} />}
      {shown.kind === 'text' && (
        <pre className="smstudio-Output" aria-label={label} tabIndex={0}>
          {shown.text}
        </pre>
      )}
      {shown.kind === 'text' && shown.cut && (
        <p className="smstudio-mod-dim">
          {trans.__('Cut off here; the copy has all of it.')}
        </p>
      )}
      {shown.kind === 'table' && (
        <div
          className="smstudio-Cells-scroll"
          tabIndex={0}
          role="region"
          aria-label={label}
        >
          <table className="smstudio-Cells" aria-label={label}>
            <tbody>
              {shown.rows.map((row, index) => (
                <tr key={index}>
                  <th scope="row">{index + 1}</th>
                  {row.map((cell, at) => (
                    <td key={at}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.kind === 'table' && shown.count > shown.rows.length && (
        <p className="smstudio-mod-dim">
          {trans.__('%1 of %2 rows', shown.rows.length, shown.count)}
        </p>
      )}
      {props.isBase64 && shown.kind === 'text' && (
        <p className="smstudio-mod-dim">
          {trans.__('Binary data, shown as base64.')}
        </p>
      )}
    </div>
  );
}
