import type { JSX } from 'react';

import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';

/** The two ways into a running instance. */
export function OpenLinks(props: { name: string }): JSX.Element {
  const { trans, commands } = usePage();
  const { name } = props;
  return (
    <span className="smstudio-Links">
      {(
        [
          [CommandIDs.launchJupyter, trans.__('Open Jupyter')],
          [CommandIDs.launchJupyterLab, trans.__('Open JupyterLab')]
        ] as const
      ).map(([command, label]) => (
        <button
          key={command}
          className="smstudio-Link"
          aria-label={`${label}: ${name}`}
          onClick={event => {
            event.stopPropagation();
            void commands.execute(command, { name });
          }}
        >
          {label}
        </button>
      ))}
    </span>
  );
}
