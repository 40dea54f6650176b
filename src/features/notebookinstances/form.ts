/** The form of a notebook instance as typed: lists and numbers stay text until they are sent. */
import type {
  NotebookInstance,
  NotebookInstanceForm,
  NotebookOptions
} from '../../api/generated';
import { whole } from '../../shared/training/form';

/** How the form answers the question for a role. */
export type RoleChoice = 'given' | 'new';

/** The whole form. */
export interface INotebookForm {
  name: string;
  instance_type: string;
  platform: string;
  accelerator: string;
  volume_gb: string;
  lifecycle_config: string;
  minimum_imds: '' | '1' | '2';
  role: RoleChoice;
  role_arn: string;
  role_buckets: 'any' | 'specific' | 'none';
  bucket_names: string;
  root_access: boolean;
  kms_key: string;
  subnet_id: string;
  security_groups: string;
  direct_internet: boolean;
  default_repository: string;
  /** One a line. */
  additional_repositories: string;
  allowed_ips: string;
  tags: { key: string; value: string }[];
}

/** What the parts of the form share. */
export interface INotebookPart {
  form: INotebookForm;
  options: NotebookOptions;
  /** The instance is there already. */
  editing: boolean;
  set: (change: Partial<INotebookForm>) => void;
  error: (field: string) => string | null;
}

/** The form as it opens for a new instance. */
export function emptyForm(
  name: string,
  options: NotebookOptions
): INotebookForm {
  return {
    name,
    instance_type: 'ml.t3.medium',
    platform: options.platforms[0] ?? '',
    accelerator: '',
    volume_gb: String(options.min_volume_gb),
    lifecycle_config: '',
    minimum_imds: '2',
    role: options.role_arn ? 'given' : 'new',
    role_arn: options.role_arn ?? '',
    role_buckets: 'none',
    bucket_names: '',
    root_access: true,
    kms_key: '',
    subnet_id: '',
    security_groups: '',
    direct_internet: true,
    default_repository: '',
    additional_repositories: '',
    allowed_ips: '',
    tags: []
  };
}

/** The form that shows an instance. */
export function fromInstance(instance: NotebookInstance): INotebookForm {
  const imds = instance.minimum_imds;
  return {
    name: instance.name,
    instance_type: instance.instance_type,
    platform: instance.platform ?? '',
    accelerator: instance.accelerators[0] ?? '',
    volume_gb: String(instance.volume_gb),
    lifecycle_config: instance.lifecycle_config ?? '',
    minimum_imds: imds === '1' || imds === '2' ? imds : '',
    role: 'given',
    role_arn: instance.role_arn,
    role_buckets: 'none',
    bucket_names: '',
    root_access: instance.root_access,
    kms_key: instance.kms_key ?? '',
    subnet_id: instance.subnet_id ?? '',
    security_groups: instance.security_groups.join(' '),
    direct_internet: instance.direct_internet,
    default_repository: instance.default_repository ?? '',
    additional_repositories: instance.additional_repositories.join('\n'),
    allowed_ips: instance.allowed_ips.join(' '),
    tags: instance.tags.map(tag => ({ key: tag.key, value: tag.value ?? '' }))
  };
}

/** The request that the form stands for. */
export function toRequest(form: INotebookForm): NotebookInstanceForm {
  const { role, ...rest } = form;
  return {
    ...rest,
    name: form.name.trim(),
    platform: text(form.platform),
    accelerator: text(form.accelerator),
    volume_gb: whole(form.volume_gb) ?? 0,
    lifecycle_config: text(form.lifecycle_config),
    minimum_imds: form.minimum_imds || null,
    new_role: role === 'new',
    role_arn: role === 'new' ? null : text(form.role_arn),
    bucket_names: words(form.bucket_names),
    kms_key: text(form.kms_key),
    subnet_id: text(form.subnet_id),
    security_groups: words(form.security_groups),
    default_repository: text(form.default_repository),
    additional_repositories: words(form.additional_repositories),
    allowed_ips: text(form.allowed_ips),
    tags: form.tags
      .filter(tag => tag.key.trim() || tag.value)
      .map(tag => ({ key: tag.key.trim(), value: tag.value }))
  };
}

/** The entries of a text with blanks, commas or line breaks between them. */
export function words(value: string): string[] {
  return value.split(/[\s,]+/).filter(Boolean);
}

function text(value: string): string | null {
  return value.trim() || null;
}
