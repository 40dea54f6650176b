/** The form of an update and what it sends; no React here. */
import type {
  Endpoint,
  UpdateEndpoint,
  UpdatePolicy,
  VariantChange
} from '../../api/generated';

/** How the traffic moves. */
export type PolicyKind = NonNullable<UpdatePolicy['kind']>;

/** A variant as the form has it; numbers are texts while somebody types. */
export interface IVariantForm {
  name: string;
  added: boolean;
  remove: boolean;
  model: string;
  instanceType: string;
  instances: string;
  weight: string;
}

/** The whole form. */
export interface IUpdateForm {
  source: 'change' | 'config';
  config: string;
  retain: boolean;
  variants: IVariantForm[];
  capture: 'keep' | 'on' | 'off';
  sampling: string;
  destination: string;
  captureInput: boolean;
  captureOutput: boolean;
  kind: PolicyKind;
  sizeKind: NonNullable<UpdatePolicy['size_kind']>;
  size: string;
  wait: string;
  terminationWait: string;
  timeout: string;
  alarms: string[];
}

/** Percent of the capacity that a step may have, as AWS limits it. */
export const SIZES: Partial<Record<PolicyKind, [number, number]>> = {
  CANARY: [1, 50],
  LINEAR: [10, 50],
  ROLLING: [5, 50]
};

/** The form as it opens. */
export function emptyForm(endpoint: Endpoint): IUpdateForm {
  const { capture } = endpoint;
  return {
    source: 'change',
    config: '',
    retain: false,
    variants: endpoint.variants
      .filter(variant => !variant.shadow)
      .map(variant => ({
        name: variant.name,
        added: false,
        remove: false,
        model: variant.model_name ?? '',
        instanceType: variant.serverless ? '' : (variant.instance_type ?? ''),
        instances: text(variant.serverless ? null : variant.desired_instances),
        weight: text(variant.desired_weight)
      })),
    capture: 'keep',
    sampling: text(capture.sampling_percentage ?? 100),
    destination: capture.destination_s3_uri ?? '',
    captureInput: !capture.modes.length || capture.modes.some(hasInput),
    captureOutput: !capture.modes.length || capture.modes.some(hasOutput),
    kind: 'ALL_AT_ONCE',
    sizeKind: 'CAPACITY_PERCENT',
    size: '10',
    wait: '0',
    terminationWait: '0',
    timeout: '',
    alarms: []
  };
}

/** A variant to add, with a name that is free. */
export function addedVariant(form: IUpdateForm): IVariantForm {
  const names = new Set(form.variants.map(variant => variant.name));
  let number = form.variants.length + 1;
  while (names.has(`variant-${number}`)) {
    number++;
  }
  const like = form.variants[0];
  return {
    name: `variant-${number}`,
    added: true,
    remove: false,
    model: '',
    instanceType: like?.instanceType || 'ml.m5.large',
    instances: '1',
    weight: '1'
  };
}

/** What the form changes of the present configuration. */
export function changesOf(
  form: IUpdateForm,
  endpoint: Endpoint
): VariantChange[] {
  const before = new Map(
    emptyForm(endpoint).variants.map(variant => [variant.name, variant])
  );
  const changes: VariantChange[] = [];
  for (const variant of form.variants) {
    const old = before.get(variant.name);
    if (variant.added || !old) {
      changes.push({
        name: variant.name.trim(),
        new: true,
        model_name: variant.model.trim() || null,
        instance_type: variant.instanceType.trim() || null,
        instance_count: number(variant.instances),
        weight: number(variant.weight)
      });
    } else if (variant.remove) {
      changes.push({ name: variant.name, remove: true });
    } else {
      const change: VariantChange = { name: variant.name };
      if (variant.model !== old.model) {
        change.model_name = variant.model.trim();
      }
      if (variant.instanceType !== old.instanceType) {
        change.instance_type = variant.instanceType.trim();
      }
      if (variant.instances !== old.instances) {
        change.instance_count = number(variant.instances);
      }
      if (variant.weight !== old.weight) {
        change.weight = number(variant.weight);
      }
      if (Object.keys(change).length > 1) {
        changes.push(change);
      }
    }
  }
  return changes;
}

/** Fields that cannot be sent as they are, by their names in the API: what is wrong. */
export type Problem =
  'number' | 'numbers' | 'model' | 'nothing' | 'required' | 'range';

/** What is wrong with the form before anything is sent. */
export function problemsOf(
  form: IUpdateForm,
  endpoint: Endpoint
): Record<string, Problem> {
  const found: Record<string, Problem> = {};
  const whole = (field: string, value: string, empty = false): void => {
    if (!(empty && !value.trim()) && !/^\d+$/.test(value.trim())) {
      found[field] = 'number';
    }
  };
  if (form.source === 'config') {
    if (!form.config.trim()) {
      found.config_name = 'required';
    }
  } else {
    for (const variant of form.variants) {
      if (variant.remove) {
        continue;
      }
      const serverless =
        !variant.added && !variant.instanceType && !variant.instances;
      if (
        (!serverless && !/^\d+$/.test(variant.instances.trim())) ||
        !(Number(variant.weight.trim() || 'none') >= 0)
      ) {
        found.variants ??= 'numbers';
      }
      if (!variant.model.trim() || !variant.name.trim()) {
        found.variants = 'model';
      }
    }
    if (form.capture === 'on') {
      whole('capture.sampling_percentage', form.sampling);
    }
    if (form.capture === 'keep' && !changesOf(form, endpoint).length) {
      found.variants ??= 'nothing';
    }
  }
  whole('policy.wait_seconds', form.wait);
  whole('policy.termination_wait_seconds', form.terminationWait);
  whole('policy.timeout_seconds', form.timeout, true);
  const limits = SIZES[form.kind];
  if (limits) {
    whole('policy.size', form.size);
    const size = Number(form.size);
    const [low, high] =
      form.sizeKind === 'CAPACITY_PERCENT' ? limits : [1, Infinity];
    if (!found['policy.size'] && (size < low || size > high)) {
      found['policy.size'] = 'range';
    }
  }
  return found;
}

/** What the form sends. */
export function bodyOf(form: IUpdateForm, endpoint: Endpoint): UpdateEndpoint {
  const policy: UpdatePolicy = {
    kind: form.kind,
    wait_seconds: form.kind === 'ALL_AT_ONCE' ? 0 : (number(form.wait) ?? 0),
    alarms: form.alarms
  };
  if (form.kind !== 'ALL_AT_ONCE') {
    policy.size = number(form.size) ?? 10;
    policy.size_kind = form.sizeKind;
  }
  if (form.kind !== 'ROLLING') {
    policy.termination_wait_seconds = number(form.terminationWait) ?? 0;
  }
  if (form.timeout.trim()) {
    policy.timeout_seconds = number(form.timeout);
  }
  if (form.source === 'config') {
    return { config_name: form.config.trim(), retain: form.retain, policy };
  }
  return {
    variants: changesOf(form, endpoint),
    capture:
      form.capture === 'keep'
        ? null
        : form.capture === 'off'
          ? { enabled: false }
          : {
              enabled: true,
              sampling_percentage: number(form.sampling) ?? 100,
              destination_s3_uri: form.destination.trim() || null,
              input: form.captureInput,
              output: form.captureOutput
            },
    policy
  };
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function number(value: string): number | null {
  return value.trim() ? Number(value) : null;
}

function hasInput(mode: string): boolean {
  return mode === 'Input' || mode === 'InputAndOutput';
}

function hasOutput(mode: string): boolean {
  return mode === 'Output' || mode === 'InputAndOutput';
}
