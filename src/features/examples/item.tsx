import type { JSX } from 'react';

import type { Example } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import { languageName } from './gallery';

/** One example notebook. */
export function Item(props: { example: Example }): JSX.Element {
  const { trans, commands } = usePage();
  const { example } = props;
  return (
    <li
      className="smstudio-Example"
      data-kind={RowData.example}
      data-name={example.name}
    >
      <button
        className="smstudio-Example-open"
        title={trans.__('Show a read-only preview')}
        onClick={() =>
          void commands.execute(CommandIDs.openExample, { name: example.name })
        }
      >
        <span
          className="smstudio-Example-title"
          lang={example.language ?? undefined}
        >
          {example.title}
        </span>
        <span
          className="smstudio-Example-text"
          lang={example.language ?? undefined}
        >
          {example.description}
        </span>
      </button>
      <div className="smstudio-Example-foot">
        <span className="smstudio-Example-facts">
          {[
            example.language ? languageName(example.language) : '',
            example.seconds === null
              ? ''
              : trans.__('about %1 s', example.seconds)
          ]
            .filter(Boolean)
            .join(' · ')}
          {example.needs.length > 0 &&
            ` · ${trans.__('needs %1', example.needs.join(', '))}`}
        </span>
        <button
          className="jp-mod-styled jp-mod-reject smstudio-Example-use"
          onClick={() =>
            void commands.execute(CommandIDs.useExample, { name: example.name })
          }
          aria-label={trans.__('Use %1', example.title)}
          title={trans.__('Copy it to your files')}
        >
          {trans.__('Use')}
        </button>
      </div>
    </li>
  );
}
