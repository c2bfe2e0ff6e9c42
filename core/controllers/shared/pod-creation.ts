import type { AdmissionPlugin } from '../../admission/plugin.ts';
import { type CreateMutation, creation } from '../../apis/mutation.ts';
import type { Env } from '../../env.ts';
import { type ClusterInstant, plus } from '../../instant.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { attempt, isTerminatingNamespace, RETRY_AFTER } from './attempt.ts';
import type { Refusal } from './refusals.ts';
import { templateHash } from './template-hash.ts';

/**
 * Creates the pods of one owner in one pass, and records an Event for each. The first pod is tried: when the API refuses it (a
 * service account that is not there yet), it would refuse the others for the same reason, so none is created and one Event says why.
 * (kube-controller-manager's slow start is for the same.) In a namespace with quotas every pod is tried, until one does not fit any more.
 */
export class PodCreation {
  readonly mutations: CreateMutation[] = [];
  /** Why no pod was created; undefined while none was refused. */
  refusal: Status | undefined;
  readonly #options: PodCreationOptions;
  readonly #drawn = new Set<string>();
  #isRefused = false;
  /** What the pods so far lead to. */
  #draft: State;

  constructor(options: PodCreationOptions) {
    this.#options = options;
    this.refusal = options.refusal?.status;
    this.#draft = options.state;
  }

  /** When to try again. A namespace that is going away will not have it back. */
  get retryAt(): ClusterInstant | undefined {
    return this.refusal && !isTerminatingNamespace(this.refusal) ? plus(this.#options.now, RETRY_AFTER) : undefined;
  }

  /**
   * Draws a name that is free. (The API server would draw one for `generateName` by itself, but the Event of the creation names the pod.)
   */
  drawName(prefix: string): string {
    const { owner, state, env } = this.#options;
    // apiserver/pkg/storage/names: a generated name has at most 63 characters.
    const base = prefix.slice(0, 58);
    let name: string;
    do name = `${base}${env.ids.suffix()}`;
    while (this.#drawn.has(name) || state.get('pods', owner.metadata.namespace, name));
    this.#drawn.add(name);
    return name;
  }

  create(pod: Pod, { created = `Created pod: ${pod.metadata.name}`, refused = (why: string) => `Error creating: ${why}` } = {}): void {
    if (this.#isRefused) return;
    const { owner, recorder } = this.#options;
    const mutation = creation('pods', pod);
    if (this.mutations.length === 0 || this.#isLimited) this.refusal ??= this.#try(mutation);
    if (!this.refusal) {
      this.mutations.push(mutation);
      recorder.normal(owner, 'SuccessfulCreate', created, { of: keyOf('pods', pod.metadata.namespace, pod.metadata.name) });
      return;
    }
    this.#isRefused = true;
    const isKnown = this.#options.refusal?.isNew === false;
    if (!isKnown && !isTerminatingNamespace(this.refusal)) recorder.warningOnce(owner, 'FailedCreate', refused(this.refusal.message ?? ''));
  }

  get #isLimited(): boolean {
    const { owner, state } = this.#options;
    // A decision that a quota has a say in notes it.
    return state.observed(undefined).count('resourcequotas', owner.metadata.namespace) > 0;
  }

  #try(mutation: CreateMutation): Status | undefined {
    const { owner, env, now, plugins, controller } = this.#options;
    const { name, generateName, ...metadata } = mutation.object.metadata;
    const isDrawn = generateName !== undefined && this.#drawn.has(name);
    const object = { ...mutation.object, metadata: { ...metadata, ...(isDrawn ? { generateName } : { name }) } } as KubeObject;
    const tried = attempt({ ...mutation, object }, { state: this.#draft, controller, now, env, plugins });
    if (tried.type === 'refused') return isDrawn ? withStableName(tried.status, { generateName, owner }) : tried.status;
    this.#draft = tried.state;
    return undefined;
  }
}

/** A name is drawn anew each time, and by validating admission it is told: what is said must not differ by it. */
function withStableName(status: Status, { generateName, owner }: { generateName: string; owner: KubeObject }): Status {
  const { details, message = '' } = status;
  const drawn = details?.name;
  if (!drawn?.startsWith(generateName) || drawn === generateName) return status;
  const name = `${generateName}${templateHash(owner.metadata.uid).padEnd(SUFFIX, 'x').slice(0, SUFFIX)}`;
  return { ...status, message: message.replaceAll(drawn, name), details: { ...details, name } };
}

/** How many characters a generated name has behind its prefix. */
const SUFFIX = 5;

interface PodCreationOptions {
  owner: KubeObject;
  /** The name of the controller. */
  controller: string;
  state: State;
  recorder: EventRecorder;
  now: ClusterInstant;
  env: Env;
  plugins: readonly AdmissionPlugin[];
  /** Why the last one was refused, after it had been tried. */
  refusal?: Refusal | undefined;
}
