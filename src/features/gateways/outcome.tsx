import type { JSX } from 'react';

import type { GatewayOffer } from '../../api/generated';
import { usePage } from '../../shared/context';

/** What came of asking a gateway. */
export function Outcome(props: { gateway: GatewayOffer }): JSX.Element {
  const { trans } = usePage();
  const { gateway } = props;
  if (gateway.problem) {
    return (
      <div className="smstudio-Note smstudio-mod-warning" role="alert">
        {gateway.problem}
      </div>
    );
  }
  return (
    <div className="smstudio-Note" role="status">
      {trans._n(
        '%1 kernel on %2: ',
        '%1 kernels on %2: ',
        gateway.kernels.length,
        gateway.host
      )}
      {gateway.kernels.map(each => each.display_name).join(', ')}
      {gateway.warning && <div>{gateway.warning}</div>}
    </div>
  );
}
