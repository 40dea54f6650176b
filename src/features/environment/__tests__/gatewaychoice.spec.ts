import type {
  Environments,
  GatewayOffer,
  NotebookEnvironment
} from '../../../api/generated';
import type { IChoice } from '../choice';
import {
  firstChoice,
  gatewayOfKernel,
  NO_RESOURCES,
  onGateway,
  withImage
} from '../choice';

const gateway = (name: string): GatewayOffer => ({
  name,
  host: `${name}.example.org`,
  url: `https://${name}.example.org`,
  kernels: ['python3', 'r'].map(kernel => ({
    name: `gateway-${name}-${kernel}`,
    display_name: kernel,
    language: kernel
  })),
  problem: null,
  warning: null,
  version: null,
  sized: true,
  fixed: false,
  token: 'file'
});

const OFFER: Environments = {
  images: [
    {
      id: 'a',
      name: 'A',
      description: '',
      custom: false,
      gpu: false,
      packages: [],
      state: 'built',
      reason: null,
      kernels: [{ name: 'python3-a', display_name: 'Python 3' }],
      instance_type: 'ml.t3.medium'
    }
  ],
  default: {
    image: 'a',
    kernel: 'python3-a',
    instance_type: 'ml.t3.medium',
    startup_script: null
  },
  machine: { vcpu: 2, memory_gib: 8, gpu: 0 },
  notice: null
};

const LOCAL: IChoice = {
  image: 'a',
  kernel: 'python3-a',
  instanceType: 'ml.t3.medium',
  script: null
};

test('a gateway’s kernel is on no image and no instance', () => {
  expect(onGateway(LOCAL, gateway('team'), null)).toEqual({
    image: null,
    kernel: 'gateway-team-python3',
    instanceType: null,
    script: null,
    gateway: 'team',
    resources: NO_RESOURCES
  });
});

test('what was asked for stays on the same gateway, not on another', () => {
  const asked = {
    ...onGateway(LOCAL, gateway('team'), null),
    resources: { cpus: '2', memory: '4Gi', gpus: '' }
  };
  const other = onGateway(asked, gateway('team'), 'gateway-team-r');
  expect(other.kernel).toBe('gateway-team-r');
  expect(other.resources?.cpus).toBe('2');
  expect(onGateway(asked, gateway('lab'), null).resources).toEqual(
    NO_RESOURCES
  );
});

test('an image takes a choice off the gateway', () => {
  const there = onGateway(LOCAL, gateway('team'), null);
  const back = withImage(there, OFFER.images, 'a');
  expect([back.image, back.gateway, back.resources]).toEqual(['a', null, null]);
});

test('a notebook on a gateway is shown with what it asked for', () => {
  const now = {
    image: null,
    kernel: 'gateway-team-r',
    gateway: 'team',
    resources: { cpus: '', memory: '8Gi', gpus: '1' }
  } as NotebookEnvironment;
  expect(firstChoice(OFFER, {}, now, [])).toEqual({
    image: null,
    kernel: 'gateway-team-r',
    instanceType: null,
    script: null,
    gateway: 'team',
    resources: now.resources
  });
});

test('a kernel’s gateway is found by the kernel', () => {
  const all = [gateway('team'), gateway('lab')];
  expect(gatewayOfKernel(all, 'gateway-lab-r')?.name).toBe('lab');
  expect(gatewayOfKernel(all, 'python3-a')).toBeNull();
});
