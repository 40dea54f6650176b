import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import type { IRequest, ISent } from './history';

/** Requests that this browser sent; one fills the form again. */
export function HistoryView(props: {
  history: ISent[];
  onUse: (change: () => IRequest) => void;
  onClear: () => void;
}): JSX.Element | null {
  const { trans } = usePage();
  const { history } = props;
  if (!history.length) {
    return null;
  }
  return (
    <section
      className="smstudio-History"
      aria-label={trans.__('Requests before')}
    >
      <div className="smstudio-History-head">
        <h2>{trans.__('Requests before')}</h2>
        <span className="smstudio-mod-dim">
          {trans.__('Kept in this browser only.')}
        </span>
        <button type="button" className="smstudio-Link" onClick={props.onClear}>
          {trans.__('Forget them')}
        </button>
      </div>
      <div className="smstudio-Scroll">
        <table
          className="smstudio-Table smstudio-Records"
          aria-label={trans.__('Requests before')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('Time')}</th>
              <th scope="col">{trans.__('Status')}</th>
              <th scope="col" className="smstudio-mod-numeric">
                {trans.__('ms')}
              </th>
              <th scope="col">{trans.__('Variant')}</th>
              <th scope="col">{trans.__('Request')}</th>
              <th scope="col">{trans.__('Answer')}</th>
              <th scope="col">{trans.__('Actions')}</th>
            </tr>
          </thead>
          <tbody>
            {history.map(sent => (
              <tr key={sent.id}>
                <td>
                  <TimeText value={sent.time} short />
                </td>
                <td>
                  <StatusBadge
                    status={sent.status}
                    detail={String(sent.code)}
                  />
                </td>
                <td className="smstudio-mod-numeric">
                  {sent.elapsed_ms.toFixed(1)}
                </td>
                <td>{sent.variant ?? '—'}</td>
                <td>
                  <code className="smstudio-Snippet">
                    {sent.bodyKept
                      ? sent.request.body.slice(0, 120)
                      : trans.__('too large to keep')}
                  </code>
                </td>
                <td>
                  <code className="smstudio-Snippet">
                    {sent.answer.slice(0, 120)}
                  </code>
                </td>
                <td>
                  <button
                    type="button"
                    className="smstudio-Link"
                    disabled={!sent.bodyKept}
                    onClick={() => props.onUse(() => sent.request)}
                  >
                    {trans.__('Use again')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
