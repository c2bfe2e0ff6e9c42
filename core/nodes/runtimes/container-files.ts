import type { Container, Pod } from '../../schema/generated/kinds.ts';
import type { Attempt } from '../runtime.ts';
import { absolute, Files, type Write } from './shell/files.ts';

/** What is in a volume, of whom else writes into it: by the rest of the paths, at times of the container that asks. `unknown`: that cannot be told. */
export type WrittenBefore = (volume: string) => readonly (Write & { readonly path: string })[] | 'unknown';

interface Mount {
  readonly path: string;
  readonly volume: string;
  /** Made of objects (ConfigMaps, Secrets, fields) or an image; else it is empty until a container of the pod writes into it. */
  readonly given: boolean;
}

/** A container's volumes, the deepest first. */
export function mountsOf(pod: Pod, { volumeMounts = [] }: Container): Mount[] {
  const volumes = new Map((pod.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
  return volumeMounts
    .map(({ name, mountPath }) => {
      const { configMap, secret, projected, downwardAPI, image } = volumes.get(name) ?? {};
      return { path: absolute(mountPath, '/'), volume: name, given: Boolean(configMap || secret || projected || downwardAPI || image) };
    })
    .sort((a, b) => b.path.length - a.path.length);
}

/** Where an image has files of its own. */
const SYSTEM = /^\/(bin|sbin|usr|lib|lib64|etc|proc|sys|dev|home|root|opt|srv)(\/|$)|^\/var\/(lib|log|cache|run\/secrets)(\/|$)/;
const DIRECTORIES = /^\/(tmp|run|var|mnt|data|media)?$|^\/var\/(run|tmp)$|^\/dev\/(null|zero|termination-log)$/;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The files that a container begins with. `isOpaque`: a program runs in it of which it is not known what it writes, so that nothing is known not to be there. */
export function filesOf({ pod, container, context }: Attempt, { isOpaque, before }: { isOpaque: () => boolean; before: WrittenBefore }): Files {
  const mounts = mountsOf(pod, container);
  const unknown = new Set<string>();
  const files = new Files((path) => {
    const mount = mounts.find((each) => path === each.path || path.startsWith(`${each.path}/`));
    if (mount?.path === path || DIRECTORIES.test(path)) return { text: '' };
    if (mount?.given) {
      const known = context.files(mount.volume);
      if (!known) return { text: undefined };
      const text = known.get(path.slice(mount.path.length + 1));
      return text === undefined ? undefined : { text };
    }
    if (path.startsWith(TOKEN)) return { text: path.endsWith('/namespace') ? pod.metadata.namespace : undefined };
    if (!mount && SYSTEM.test(path)) return { text: undefined };
    return isOpaque() || (mount && unknown.has(mount.volume)) ? 'unknown' : undefined;
  });
  for (const { path, volume, given } of mounts) {
    const writes = given ? [] : before(volume);
    if (writes === 'unknown') unknown.add(volume);
    else for (const { path: below, at, file } of writes) files.write(path + below, at, file);
  }
  return files;
}
