import { LabIcon } from '@jupyterlab/ui-components';

import autopilotSvg from '../../style/icons/autopilot.svg';
import chartSvg from '../../style/icons/chart.svg';
import endpointSvg from '../../style/icons/endpoint.svg';
import experimentsSvg from '../../style/icons/experiments.svg';
import modelSvg from '../../style/icons/model.svg';
import sagemakerSvg from '../../style/icons/sagemaker.svg';
import trainingSvg from '../../style/icons/training.svg';
import transformSvg from '../../style/icons/transform.svg';
import tuningSvg from '../../style/icons/tuning.svg';

export const sagemakerIcon = new LabIcon({
  name: 'smstudio-ext:sagemaker',
  svgstr: sagemakerSvg
});

export const autopilotIcon = new LabIcon({
  name: 'smstudio-ext:autopilot',
  svgstr: autopilotSvg
});

export const endpointIcon = new LabIcon({
  name: 'smstudio-ext:endpoint',
  svgstr: endpointSvg
});

export const trainingIcon = new LabIcon({
  name: 'smstudio-ext:training',
  svgstr: trainingSvg
});

export const tuningIcon = new LabIcon({
  name: 'smstudio-ext:tuning',
  svgstr: tuningSvg
});

export const transformIcon = new LabIcon({
  name: 'smstudio-ext:transform',
  svgstr: transformSvg
});

export const modelIcon = new LabIcon({
  name: 'smstudio-ext:model',
  svgstr: modelSvg
});

export const experimentsIcon = new LabIcon({
  name: 'smstudio-ext:experiments',
  svgstr: experimentsSvg
});

export const chartIcon = new LabIcon({
  name: 'smstudio-ext:chart',
  svgstr: chartSvg
});
