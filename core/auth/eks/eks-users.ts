import type { RealInstant } from '../../instant.ts';
import { tooManyRequests } from '../../kube/status.ts';
import type { Authenticator } from '../authenticator.ts';
import type { HttpsGet } from '../https-get.ts';
import { type CallerIdentity, callerIdentity } from './caller-identity.ts';
import { eksUser } from './eks-user.ts';
import { partitionOf, stsHosts } from './sts-hosts.ts';
import { isEksToken, type PresignedCall, presignedCall } from './sts-token.ts';

export interface EksOptions {
  /** What `aws eks get-token --cluster-name` calls a cluster; undefined: none of EKS. */
  readonly eksName: (cluster: string) => string | undefined;
  /** Which says whose STS is asked. */
  readonly region: string;
  readonly get: HttpsGet;
  /** Told when STS gives no answer. */
  readonly problem: (message: string, error: unknown) => void;
}

/**
 * Users of AWS, by the tokens of `aws eks get-token`: STS says who signed one, and the cluster who that is in it (Amazon EKS User Guide, "Grant IAM users and roles access to Kubernetes
 * APIs"; aws-iam-authenticator). STS is asked once for a token, whatever it says, and about a few tokens at once: nobody can have it flooded in the cluster's name.
 */
export class EksUsers implements Authenticator {
  readonly #options: EksOptions;
  readonly #hosts: ReadonlySet<string>;
  /** What STS said, and is being asked, by cluster and token; those that were shown last. */
  readonly #asked = new Map<string, Asked>();
  #underWay = 0;

  constructor(options: EksOptions) {
    this.#options = options;
    this.#hosts = stsHosts(partitionOf(options.region));
  }

  authenticate: Authenticator['authenticate'] = async (token, { cluster, now }) => {
    if (!isEksToken(token)) return undefined;
    const name = this.#options.eksName(cluster);
    const call = name === undefined ? undefined : presignedCall(token, { hosts: this.#hosts, now });
    if (name === undefined || !call || 'malformed' in call) return undefined;
    const identity = await this.#identity(call, `${name} ${token}`, name, now);
    if (!identity) return undefined;
    return { user: { username: identity.canonical, groups: [] }, namedBy: (state) => eksUser(identity, state) };
  };

  /** Throws 429 when STS is asked about too many others. */
  #identity(call: PresignedCall, place: string, cluster: string, now: RealInstant): Promise<CallerIdentity | undefined> {
    const known = this.#asked.get(place);
    if (known && known.expires >= now) return known.identity;
    if (this.#underWay >= MOST_UNDER_WAY) throw tooManyRequests('too many identities are being asked for at AWS STS, please try again later', 1);
    this.#underWay++;
    const { get, problem } = this.#options;
    const identity = callerIdentity(call, { cluster, get })
      .catch((error: unknown) => {
        // No answer is none to remember.
        this.#asked.delete(place);
        problem('AWS STS was asked for an identity and gave no answer', error);
        return undefined;
      })
      .finally(() => this.#underWay--);
    if (this.#asked.size >= REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
    this.#asked.set(place, { expires: call.expires, identity });
    return identity;
  }
}

interface Asked {
  readonly expires: RealInstant;
  readonly identity: Promise<CallerIdentity | undefined>;
}

/** As many as a process has in use at once. */
const REMEMBERED = 1_000;
const MOST_UNDER_WAY = 16;
