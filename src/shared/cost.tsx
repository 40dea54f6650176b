import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import type { CostEstimate, CostItem, CostQuestion } from '../api/generated';
import { usePage, useStatus } from './context';
import { dollars, estimateText, lineText, sourceText, span } from './costtext';
import { DialogButtons } from './dialogbuttons';
import { Modal } from './modal';

/** How long typing must pause before the cost is asked for, in milliseconds. */
const PAUSE = 300;

/** What the instances of a form will cost, under the form; says itself when nobody bills it. */
export function CostNote(props: { items: CostItem[] }): JSX.Element | null {
  const { studio } = usePage();
  const status = useStatus();
  const key = JSON.stringify(props.items);
  const target = status ? studio.targetKey : '';
  const [found, setFound] = useState<CostEstimate | null>(null);
  useEffect(() => {
    const items = JSON.parse(key) as CostItem[];
    if (items.length === 0) {
      setFound(null);
      return;
    }
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      studio.api
        .call('estimateCosts', { body: { items }, signal: controller.signal })
        .then(setFound)
        // A form works without its estimate; the question before the creation shows what is wrong.
        .catch(() => setFound(null));
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [studio, key, target]);
  return found && <EstimateNote found={found} />;
}

/** An estimate under a form, with where its prices are from. */
export function EstimateNote(props: { found: CostEstimate }): JSX.Element {
  const { trans, locale } = usePage();
  const { found } = props;
  return (
    <p className="smstudio-Cost" role="status">
      <span className="smstudio-Cost-text">
        {estimateText(found, trans, locale)}
      </span>{' '}
      <span className="smstudio-Cost-source">
        {found.simulated &&
          `${trans.__('Simulated: nothing is billed on this machine.')} `}
        {found.lines.length > 0 && sourceText(found, trans)}
      </span>
    </p>
  );
}

/** The instances of an estimate with their prices. */
function EstimateTable(props: {
  found: CostEstimate;
  trans: TranslationBundle;
  locale: string;
}): JSX.Element {
  const { found, trans, locale } = props;
  const price = (value: number | null): string =>
    value === null ? trans.__('not known') : dollars(value, locale);
  return (
    <table className="smstudio-Cost-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Instances')}</th>
          <th scope="col">{trans.__('USD an hour each')}</th>
          <th scope="col">{trans.__('At most')}</th>
          <th scope="col">{trans.__('Cost at most')}</th>
        </tr>
      </thead>
      <tbody>
        {found.lines.map((line, index) => (
          <tr key={index}>
            <td>{lineText(line, trans)}</td>
            <td>{price(line.hourly)}</td>
            <td>
              {line.seconds === null
                ? trans.__('until it is ended')
                : span(line.seconds, trans)}
            </td>
            <td>
              {line.seconds === null ? trans.__('no limit') : price(line.cost)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Asks whether a cost on AWS is wanted. */
export function CostDialog(props: {
  question: CostQuestion;
  onAnswer: (agreed: boolean) => void;
}): JSX.Element {
  const { trans, locale } = usePage();
  const { onAnswer } = props;
  const found = props.question.estimate;
  return (
    <Modal
      title={trans.__('Confirm the cost on AWS')}
      onClose={() => onAnswer(false)}
    >
      <p className="smstudio-Cost-text">{estimateText(found, trans, locale)}</p>
      {found.lines.length > 0 && (
        <EstimateTable found={found} trans={trans} locale={locale} />
      )}
      {found.notes.length > 0 && (
        <ul className="smstudio-Cost-notes">
          {found.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {found.lines.length > 0 && (
        <p className="smstudio-Cost-source">{sourceText(found, trans)}</p>
      )}
      <p>
        {trans.__('Your AWS account is billed for it (%1).', found.operation)}
      </p>
      <DialogButtons
        autoFocus
        label={trans.__('Go on')}
        onClose={() => onAnswer(false)}
        onAccept={() => onAnswer(true)}
      />
    </Modal>
  );
}
