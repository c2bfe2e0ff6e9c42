import type { Cluster } from '../../core/apis/logplane/cluster.ts';
import { API_VERSION } from '../../core/apis/logplane/own-resource.ts';
import { ROOT_CLUSTER } from '../../core/kube/cluster-name.ts';
import { type ApiClient, Refused } from '../client/api-client.ts';
import { discover, groupResourceOf, type NamedObject, namedObject, type Resources, type ServedResource } from '../client/resources.ts';

/** What an agent may write: nothing, in forks that this server made for it, or whatever the user of the kubeconfig may. */
export type Allowance = 'nothing' | 'fork' | 'write';

/** The server does not allow it, whatever the cluster would. Its message says what to do instead. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
}

interface ReachOptions {
  /** Opens the kubeconfig. Throws `NoCluster`. */
  readonly connect: () => Promise<ApiClient>;
  readonly allow: Allowance;
  /** Whether the values of Secrets are given. */
  readonly secrets: boolean;
}

interface Place {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What the tools of a server reach: clusters with the permissions of the kubeconfig's user, and of these what is allowed. */
export class Reach {
  readonly allow: Allowance;
  readonly secrets: boolean;
  readonly #connect: () => Promise<ApiClient>;
  #host: Promise<ApiClient> | undefined;
  /** The forks that were made here, by name: a uid tells them from others that take their name. */
  readonly #forks = new Map<string, string>();

  constructor({ connect, allow, secrets }: ReachOptions) {
    this.allow = allow;
    this.secrets = secrets;
    this.#connect = connect;
  }

  /** The client of a cluster. The kubeconfig is read when it is first needed: the cluster may be started after the agent. Throws `NoCluster`. */
  async client({ cluster, namespace }: Place = {}): Promise<ApiClient> {
    this.#host ??= this.#connect();
    const host = await this.#host.catch((error) => {
      this.forget();
      throw error;
    });
    const of = cluster === undefined ? host : host.of(cluster);
    return namespace === undefined ? of : of.inNamespace(namespace);
  }

  /** Reads the kubeconfig again at the next call: its credentials are not good any more. */
  forget(): void {
    this.#host = undefined;
  }

  /** The client of a cluster that may be written to; with `dryRun` of any, as then nothing is. Throws `NotAllowed`. */
  async writable(place: Place, { dryRun }: { readonly dryRun: boolean }): Promise<ApiClient> {
    const client = await this.client(place);
    if (new URL(client.server).pathname.includes('@'))
      throw new NotAllowed(`${client.shownAs} is the past, which is not written to: name the cluster without a moment, or fork it there`);
    if (dryRun || this.allow === 'write') return client;
    if (this.allow === 'nothing')
      throw new NotAllowed(
        'this server only reads: use dry_run: true or the tool plan to see what would come of it. To let it write, the user starts it with --allow fork (its own forks alone) or --allow write',
      );
    if (await this.isOwn(client.clusterName)) return client;
    throw new NotAllowed(
      `${client.clusterName} is no fork that this server has made: make one with the tool fork, and name it as cluster. To bring it here, give the user the manifests and their plan; or the user starts the server with --allow write`,
    );
  }

  /** Throws `NotAllowed` where not even forks may be made. */
  mayFork(): void {
    if (this.allow === 'nothing')
      throw new NotAllowed('this server only reads, and makes no forks: the tool plan tells what would happen. The user may start it with --allow fork');
  }

  made({ metadata }: Cluster): void {
    this.#forks.set(metadata.name, metadata.uid!);
  }

  /** Whether the cluster that has this name now was made here. */
  async isOwn(name: string): Promise<boolean> {
    const uid = this.#forks.get(name);
    if (uid === undefined) return false;
    return (await this.clusterObject(name))?.metadata.uid === uid;
  }

  /** The object of a cluster; undefined where there is none. */
  async clusterObject(name: string): Promise<Cluster | undefined> {
    const root = (await this.client()).of(ROOT_CLUSTER);
    return root.get<Cluster>(`/apis/${API_VERSION}/clusters/${encodeURIComponent(name)}`).catch((error) => {
      if (error instanceof Refused && error.status.code === 404) return undefined;
      throw error;
    });
  }

  /** An object that is named KIND/NAME, and where it is. Throws an Error that tells which kinds there are. */
  async named(object: string, client: ApiClient): Promise<NamedObject> {
    const resources = await discover(client);
    served(resources, object.split('/')[0]!);
    return namedObject(object, client, resources);
  }

  /** What a cluster serves under a name. Throws an Error that tells which kinds there are. */
  async resource(kind: string, client: ApiClient): Promise<ServedResource> {
    return served(await discover(client), kind);
  }
}

function served(resources: Resources, kind: string): ServedResource {
  try {
    return resources.named(kind);
  } catch (error) {
    const names = resources.preferred.map(groupResourceOf);
    const shown = names.slice(0, MOST_NAMES).join(', ');
    throw new Error(`${(error as Error).message}. It has ${shown}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}`);
  }
}

const MOST_NAMES = 150;
