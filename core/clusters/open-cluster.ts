import type { AdmissionPlugin } from '../admission/plugin.ts';
import { CLUSTERS, type Cluster, clusterNamed } from '../apis/logplane/cluster.ts';
import { defaultClusterIn, ROOT_KEY, ROOT_RESOURCE, rootObject } from '../apis/logplane/root.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import { isClusterName, ROOT_CLUSTER } from '../kube/cluster-name.ts';
import { objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { type Branch, baseAt, branchPoint } from '../log/branches.ts';
import type { LogEvent } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';
import { setAsSpecified } from './carry-out.ts';

/** What opens clusters in a process. */
export interface Opening {
  readonly log: EventLog;
  readonly env: Env;
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** Opens the replica of a branch. */
  readonly open: (branch: Branch) => Promise<Replica>;
  /** Given where clusters may be begun. */
  readonly beginning?: Beginning;
}

export interface Beginning {
  /** The cluster that the root path shows: it need not be made. */
  readonly defaultCluster: string;
  /** What a new cluster has; `nodes`: how many of them, where that is said. */
  readonly objectsOf: (nodes: number | undefined, now: ClusterInstant) => readonly KubeObject[];
  /** The cluster `root`, as it is kept open here. */
  readonly root: () => Promise<Replica>;
}

/**
 * The replica of a cluster, with its history; undefined when there is none of this name. One that was created as an object of `root`, and was not opened yet, is begun here by whichever
 * process comes first, so that it can be used as soon as its creation is answered. So are `root` itself and the default cluster.
 */
export async function openCluster(opening: Opening, name: string): Promise<Replica | undefined> {
  if (!isClusterName(name)) return undefined;
  const { log, beginning } = opening;
  const branch = (await log.branches.get(name)) ?? (beginning && (await begin({ log, beginning }, name)));
  if (!branch) return undefined;
  const replica = await opening.open(branch);
  if (beginning && replica.state.offset === branchPoint(branch) && !replica.isOver) await makeUsable(replica, opening, beginning);
  if (beginning && name === ROOT_CLUSTER) await keepDefault(replica, beginning);
  return replica.state.offset > 0 ? replica : undefined;
}

/** The branch of a cluster that was not begun yet; undefined when it is none. */
async function begin(of: { log: EventLog; beginning: Beginning }, name: string): Promise<Branch | undefined> {
  const { log, beginning } = of;
  if (name === ROOT_CLUSTER || name === beginning.defaultCluster) {
    const branch = { cluster: name, log: name, base: [] };
    return (await log.branches.begin(branch)) === 'begun' ? branch : log.branches.get(name);
  }
  const root = await beginning.root();
  await root.catchUp();
  const cluster = root.state.get(CLUSTERS, undefined, name) as Cluster | undefined;
  if (!cluster || cluster.metadata.deletionTimestamp || cluster.status?.failure !== undefined) return undefined;
  return (await beginBranch(log, cluster)) === 'begun' ? log.branches.get(name) : undefined;
}

/** Notes where the log of a cluster is, and what it shares: one write, whatever that is. `gone`: the history that it is to share is not there any more. */
export async function beginBranch(log: EventLog, cluster: Cluster): Promise<'begun' | 'gone'> {
  const { metadata, spec, status } = cluster;
  const name = metadata.name;
  const parent = spec.forkOf && (await log.branches.get(spec.forkOf.name));
  if (spec.forkOf && (!parent || status?.fork === undefined)) return 'gone';
  const base = parent ? baseAt(parent, status!.fork!.offset) : [];
  // Another log of this name is the cluster's, too: it was there before the object.
  return (await log.branches.begin({ cluster: name, log: status!.log!, base })) === 'gone' ? 'gone' : 'begun';
}

/** Gives a cluster of which nothing stands in its own log what it begins with. */
async function makeUsable(replica: Replica, { log, env, admissionPlugins }: Opening, { defaultCluster, objectsOf, root }: Beginning): Promise<void> {
  const name = replica.cluster;
  const now = replica.now();
  if (name === ROOT_CLUSTER) {
    const others = (await log.branches.list()).filter(({ cluster }) => cluster !== ROOT_CLUSTER);
    const objects = [...bootstrapObjects(now), ...others.map(adopted)];
    return bootstrap(replica, { objects, before: [markOf(defaultCluster)], env, admissionPlugins });
  }
  if (name === defaultCluster) return bootstrap(replica, { objects: objectsOf(undefined, now), env, admissionPlugins });
  // Read after the branch was begun: who changes the object after that finds it, and carries it out.
  const clusters = await root();
  await clusters.catchUp();
  const cluster = clusters.state.get(CLUSTERS, undefined, name) as Cluster | undefined;
  if (!cluster) return;
  if (!cluster.spec.forkOf) await bootstrap(replica, { objects: objectsOf(cluster.spec.nodes, now), env, admissionPlugins });
  await setAsSpecified(replica, cluster);
}

/** The object of a cluster that was there before it. */
export const adopted = ({ cluster, log }: Branch): KubeObject => objectOf({ ...clusterNamed(cluster), status: { log, observedGeneration: 1 } });

const markOf = (defaultCluster: string): LogEvent => ({
  type: 'ADDED',
  key: ROOT_KEY,
  object: rootObject(defaultCluster),
  actor: userNamed('system:apiserver'),
});

/** The setting of the deployment may have become another one. */
async function keepDefault(root: Replica, { defaultCluster }: Beginning): Promise<void> {
  const isKept = () => {
    const mark = root.state.get(ROOT_RESOURCE, undefined, 'root');
    return !mark || defaultClusterIn(mark) === defaultCluster;
  };
  if (isKept()) return;
  await root.commit(() => ({ events: [{ ...markOf(defaultCluster), type: 'MODIFIED' } as LogEvent], answer: () => undefined }));
}
