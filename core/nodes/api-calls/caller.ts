import type { AdmissionPlugin } from '../../admission/plugin.ts';
import type { User } from '../../kube/user.ts';
import type { Sync } from '../sync.ts';

/** A program that asks something of the API, as it is called in a container. */
export interface Caller extends Pick<Sync, 'env' | 'state'> {
  /** The cluster's time, in ms since the epoch. */
  readonly now: number;
  /** Of its pod. */
  readonly namespace: string;
  /** Its pod's service account. */
  readonly user: User;
  /** By which what it wants is admitted. */
  readonly plugins: readonly AdmissionPlugin[];
  /** What it reads from its standard input; undefined: that is not known. */
  readonly input: string | undefined;
  /** The text of a file, or of all files of a directory, by their paths. Undefined: there is none, or it is not known. */
  readonly files: (path: string) => ReadonlyMap<string, string> | undefined;
}
