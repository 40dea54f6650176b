import { LabIcon } from '@jupyterlab/ui-components';

import sagemakerSvg from '../../style/icons/sagemaker.svg';

export const sagemakerIcon = new LabIcon({
  name: 'smstudio-ext:sagemaker',
  svgstr: sagemakerSvg
});
