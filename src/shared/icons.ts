import { LabIcon } from '@jupyterlab/ui-components';

import autopilotSvg from '../../style/icons/autopilot.svg';
import checkpointDiffSvg from '../../style/icons/checkpointdiff.svg';
import chartSvg from '../../style/icons/chart.svg';
import clusterSvg from '../../style/icons/cluster.svg';
import domainSvg from '../../style/icons/domain.svg';
import endpointSvg from '../../style/icons/endpoint.svg';
import environmentSvg from '../../style/icons/environment.svg';
import examplesSvg from '../../style/icons/examples.svg';
import experimentsSvg from '../../style/icons/experiments.svg';
import gitDiffSvg from '../../style/icons/gitdiff.svg';
import instanceSvg from '../../style/icons/instance.svg';
import modelSvg from '../../style/icons/model.svg';
import powerSvg from '../../style/icons/power.svg';
import runningSvg from '../../style/icons/running.svg';
import sagemakerSvg from '../../style/icons/sagemaker.svg';
import trainingSvg from '../../style/icons/training.svg';
import transformSvg from '../../style/icons/transform.svg';
import tuningSvg from '../../style/icons/tuning.svg';

export const sagemakerIcon = new LabIcon({
  name: 'smstudio-ext:sagemaker',
  svgstr: sagemakerSvg
});

export const powerIcon = new LabIcon({
  name: 'smstudio-ext:power',
  svgstr: powerSvg
});

export const runningIcon = new LabIcon({
  name: 'smstudio-ext:running',
  svgstr: runningSvg
});

export const autopilotIcon = new LabIcon({
  name: 'smstudio-ext:autopilot',
  svgstr: autopilotSvg
});

export const domainIcon = new LabIcon({
  name: 'smstudio-ext:domain',
  svgstr: domainSvg
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

export const environmentIcon = new LabIcon({
  name: 'smstudio-ext:environment',
  svgstr: environmentSvg
});

export const clusterIcon = new LabIcon({
  name: 'smstudio-ext:cluster',
  svgstr: clusterSvg
});

export const instanceIcon = new LabIcon({
  name: 'smstudio-ext:instance',
  svgstr: instanceSvg
});

export const checkpointDiffIcon = new LabIcon({
  name: 'smstudio-ext:checkpoint-diff',
  svgstr: checkpointDiffSvg
});

export const gitDiffIcon = new LabIcon({
  name: 'smstudio-ext:git-diff',
  svgstr: gitDiffSvg
});

export const examplesIcon = new LabIcon({
  name: 'smstudio-ext:examples',
  svgstr: examplesSvg
});
