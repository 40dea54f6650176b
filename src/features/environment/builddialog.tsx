import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { Modal } from '../../shared/modal';
import { BuildProgress } from './build';

/** The building of an image that somebody wants to use, on its own. */
export function BuildDialog(props: {
  image: string;
  name: string;
  onBuilt: () => void;
  onClose: () => void;
  /** The dialog goes, the build goes on. */
  onHide: () => void;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <Modal
      title={trans.__('Build the image %1', props.name)}
      onClose={props.onHide}
    >
      <BuildProgress
        image={props.image}
        name={props.name}
        onBuilt={props.onBuilt}
        onBack={props.onClose}
        onHide={props.onHide}
      />
    </Modal>
  );
}
