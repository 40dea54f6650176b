import type { NotebookInstance, NotebookOptions } from '../../../api/generated';
import { emptyForm, fromInstance, toRequest, words } from '../form';

const OPTIONS: NotebookOptions = {
  local: true,
  instance_types: [],
  platforms: ['notebook-al2023-v1'],
  accelerators: [],
  lifecycle_configs: [],
  repositories: [],
  role_arn: 'arn:aws:iam::000000000000:role/Mine',
  name: { min_length: 0, max_length: 63, pattern: null },
  min_volume_gb: 5,
  max_volume_gb: 16384,
  max_additional_repositories: 3,
  without_meaning: []
};

const INSTANCE: NotebookInstance = {
  name: 'notes',
  arn: 'arn:aws:sagemaker:us-east-1:000000000000:notebook-instance/notes',
  status: 'Stopped',
  status_text: '',
  failure_reason: null,
  created: '2026-11-21T10:00:00Z',
  modified: '2026-11-21T10:00:00Z',
  url: null,
  instance_type: 'ml.t2.medium',
  platform: 'notebook-al2-v3',
  volume_gb: 8,
  lifecycle_config: 'setup',
  role_arn: 'arn:aws:iam::000000000000:role/Mine',
  root_access: false,
  kms_key: null,
  subnet_id: null,
  security_groups: [],
  network_interface: null,
  direct_internet: true,
  minimum_imds: '2',
  accelerators: [],
  default_repository: null,
  additional_repositories: ['https://a/b.git', 'https://a/c.git'],
  allowed_ips: ['127.0.0.1', '10.0.0.0/8'],
  ip_policy: '',
  tags: [{ key: 'team', value: 'a' }],
  can_open: false,
  can_start: true,
  can_stop: false,
  can_edit: true,
  can_delete: true,
  log_group: ''
};

test('a new form has the console’s defaults', () => {
  const request = toRequest(emptyForm('notes', OPTIONS));
  expect(request).toMatchObject({
    name: 'notes',
    instance_type: 'ml.t3.medium',
    volume_gb: 5,
    new_role: false,
    role_arn: OPTIONS.role_arn,
    root_access: true,
    lifecycle_config: null,
    additional_repositories: []
  });
});

test('without a known role the form makes a new one', () => {
  const form = emptyForm('notes', { ...OPTIONS, role_arn: null });
  expect(toRequest(form)).toMatchObject({
    new_role: true,
    role_arn: null,
    role_buckets: 'none'
  });
});

test('an instance comes back from its form as it is', () => {
  expect(toRequest(fromInstance(INSTANCE))).toMatchObject({
    name: 'notes',
    instance_type: 'ml.t2.medium',
    platform: 'notebook-al2-v3',
    volume_gb: 8,
    lifecycle_config: 'setup',
    minimum_imds: '2',
    root_access: false,
    additional_repositories: INSTANCE.additional_repositories,
    allowed_ips: '127.0.0.1 10.0.0.0/8',
    tags: INSTANCE.tags
  });
});

test('what is no number is sent as zero, which the server refuses', () => {
  const form = { ...emptyForm('notes', OPTIONS), volume_gb: 'five' };
  expect(toRequest(form).volume_gb).toBe(0);
});

test('lists are split at blanks, commas and line breaks', () => {
  expect(words(' a, b\nc\t,d ')).toEqual(['a', 'b', 'c', 'd']);
  expect(words('  ')).toEqual([]);
});
