import type {
  Environment,
  Environments,
  GatewayOffer,
  GatewayResources,
  NotebookEnvironment,
  StartupScript,
  StudioImage,
  StudioInstanceType
} from '../../api/generated';

/** What somebody chose for a notebook: a kernel with its surroundings, or none. */
export interface IChoice {
  /** Id of the image; null for a kernel of no image. */
  image: string | null;
  /** Name of the kernelspec; null for "No Kernel". */
  kernel: string | null;
  /** Null for a kernel that is on no instance. */
  instanceType: string | null;
  /** ARN of the lifecycle configuration; `NO_SCRIPT`; null when nobody chose, so that a default one runs. */
  script: string | null;
  /** Name of the image, once it was chosen in the dialog. */
  imageName?: string;
  /** Name of the Jupyter gateway that has the kernel. */
  gateway?: string | null;
  /** What the kernel asks of the gateway. */
  resources?: GatewayResources | null;
}

/** What a gateway gives by itself. */
export const NO_RESOURCES: GatewayResources = {
  cpus: '',
  memory: '',
  gpus: ''
};

/** A choice on a gateway; what was asked of it stays while it is the same one. */
export function onGateway(
  choice: IChoice,
  gateway: GatewayOffer,
  kernel: string | null
): IChoice {
  return {
    image: null,
    kernel: kernel ?? gateway.kernels[0]?.name ?? null,
    instanceType: null,
    script: null,
    gateway: gateway.name,
    resources:
      choice.gateway === gateway.name && choice.resources
        ? choice.resources
        : NO_RESOURCES
  };
}

/** The gateway that has a kernel. */
export function gatewayOfKernel(
  gateways: readonly GatewayOffer[],
  kernel: string | null
): GatewayOffer | null {
  return (
    gateways.find(each => each.kernels.some(one => one.name === kernel)) ?? null
  );
}

/** Stands for "No script", as in AWS's API. */
export const NO_SCRIPT = 'None';

/** What new notebooks get, as the settings keep it. */
export interface IUsual extends Environment {
  image_name: string;
}

/** A kernelspec that belongs to no image. */
export interface IOtherKernel {
  name: string;
  displayName: string;
}

/** The image that has a kernel. */
export function imageOf(
  images: readonly StudioImage[],
  kernel: string | null
): StudioImage | null {
  return (
    images.find(image => image.kernels.some(each => each.name === kernel)) ??
    null
  );
}

/** A kernel and its image, as Studio's toolbar says them: `Python 3 (Data Science)`. */
export function kernelText(kernel: string, image: string): string {
  return `${kernel} (${image})`;
}

/** What the dialog shows first: what the notebook has, filled up with what new notebooks get. */
export function firstChoice(
  offer: Environments,
  usual: Partial<Environment>,
  now: NotebookEnvironment | null
): IChoice {
  if (now?.gateway) {
    return {
      image: null,
      kernel: now.kernel,
      instanceType: null,
      script: null,
      gateway: now.gateway,
      resources: now.resources ?? NO_RESOURCES
    };
  }
  const image =
    offer.images.find(each => each.id === now?.image) ??
    offer.images.find(
      each => each.id === usual.image && each.state !== 'unavailable'
    ) ??
    offer.images.find(each => each.id === offer.default.image) ??
    null;
  const script = usual.startup_script ?? offer.default.startup_script;
  if (!image) {
    return {
      image: null,
      kernel: offer.default.kernel,
      instanceType: null,
      script: null
    };
  }
  const own = image.kernels.map(each => each.name);
  const wanted = [now?.kernel, usual.kernel].find(
    each => each && own.includes(each)
  );
  return {
    image: image.id,
    kernel: wanted ?? own[0] ?? null,
    instanceType:
      now?.instance_type ??
      (usual.image === image.id ? usual.instance_type : null) ??
      image.instance_type,
    script
  };
}

/**
 * The script that the dialog shows: what was chosen, else the user's or the domain's default one.
 *
 * Null while it is not known which there are.
 */
export function shownScript(
  script: string | null,
  scripts: readonly StartupScript[] | null
): string | null {
  if (!scripts) {
    return script;
  }
  if (script && scripts.some(each => each.arn === script)) {
    return script;
  }
  // One that is not attached any more is not chosen either.
  return script === NO_SCRIPT
    ? NO_SCRIPT
    : (scripts.find(each => each.default)?.arn ?? NO_SCRIPT);
}

/** The same choice on another image: its first kernel; its own default instance when the old one was a default. */
export function withImage(
  choice: IChoice,
  images: readonly StudioImage[],
  id: string
): IChoice {
  const image = images.find(each => each.id === id);
  if (!image) {
    return choice;
  }
  const before = images.find(each => each.id === choice.image);
  const keeps =
    choice.instanceType !== null &&
    choice.instanceType !== before?.instance_type;
  return {
    ...choice,
    image: id,
    gateway: null,
    resources: null,
    kernel: image.kernels[0]?.name ?? null,
    instanceType: keeps ? choice.instanceType : image.instance_type
  };
}

/** Columns of the dialog "Select instance". */
export type InstanceColumn =
  'name' | 'vcpu' | 'memory_gib' | 'gpu' | 'price' | 'fits';

/** Rows in the order of a column; equal ones keep the order of the list. */
export function sortTypes(
  rows: readonly StudioInstanceType[],
  column: InstanceColumn | null,
  descending: boolean
): StudioInstanceType[] {
  if (!column) {
    return [...rows];
  }
  const sign = descending ? -1 : 1;
  const key = (row: StudioInstanceType): number | string | null =>
    column === 'fits' ? row.lacks.length : row[column];
  return [...rows].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === null || right === null) {
      // What is not known comes last, whichever way.
      return Number(left === null) - Number(right === null);
    }
    return typeof left === 'string'
      ? sign * left.localeCompare(String(right), 'en', { numeric: true })
      : sign * (left - Number(right));
  });
}

/** Rows of "Fast launch only", and always the one that is chosen. */
export function shownTypes(
  rows: readonly StudioInstanceType[],
  fastOnly: boolean,
  chosen: string | null
): StudioInstanceType[] {
  return fastOnly
    ? rows.filter(each => each.fast_launch || each.name === chosen)
    : [...rows];
}

/** `0.00%`: two digits, as in Studio's toolbar. */
export function percent(value: number | null | undefined): string {
  return `${(value ?? 0).toFixed(2)}%`;
}

/**
 * The name of a kernelspec in the real Studio's form, for a notebook that came from there.
 *
 * Keeps region and account of the name that the notebook had.
 */
export function studioName(before: string, image: string): string {
  const [kernel, arn] = before.split(STUDIO_MARK);
  const [prefix] = (arn ?? '').split(/:(?:image|environment)\//);
  return `${kernel}${STUDIO_MARK}${prefix}:image/${image}`;
}

/** Stands between kernel and image in kernelspecs' names of the real Studio. */
export const STUDIO_MARK = '__SAGEMAKER_INTERNAL__';
