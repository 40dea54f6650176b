import type { JSX } from 'react';

import { usePage } from '../../../shared/context';
import type { IHost } from '../host';
import { HostContext } from '../host';
import { Lineage } from './graph';

/** The page "Lineage" of a model, an endpoint, a job or an artifact. */
export default function LineagePage(props: {
  arn: string;
  host: IHost;
}): JSX.Element {
  const { trans } = usePage();
  const name = props.arn.slice(props.arn.lastIndexOf('/') + 1);
  return (
    <HostContext.Provider value={props.host}>
      <div className="smstudio-Main">
        <header className="smstudio-Header">
          <div className="smstudio-Header-line">
            <h1 title={props.arn}>{trans.__('LINEAGE: %1', name)}</h1>
          </div>
        </header>
        <Lineage arn={props.arn} />
      </div>
    </HostContext.Provider>
  );
}
