import { createServer } from '../../core/api/server.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { matchesLabels, parseLabelSelector } from '../../core/kube/selectors.ts';
import type { Cluster } from '../../core/testing/cluster.ts';
import { bearers } from '../../core/testing/server.ts';
import { untypedFields } from '../../core/testing/untyped-fields.ts';
import { begunCluster } from './begun-cluster.ts';
import { missing } from './missing.ts';
import { type ApiRequest, placeOf, requestsOf, resourceOf, type Selection, selectionOf } from './requests.ts';
import type { Part, Step } from './row.ts';

/** Does in a cluster of three nodes, through its API, what a page tells its reader to do, and looks at what comes of it. */
export class Reader {
  /** What the server reports to its host: bugs. */
  readonly problems: unknown[] = [];
  readonly #cluster: Cluster;
  readonly #fetch: ReturnType<typeof createServer>['fetch'];

  static async start(): Promise<Reader> {
    return new Reader(await begunCluster());
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#fetch = createServer({
      replicaOf: async () => cluster.replica,
      defaultCluster: 'main',
      env: cluster.env,
      authenticator: staticTokens(bearers),
      problem: (_, error) => this.problems.push(error),
    }).fetch;
  }

  /** Throws when the step is refused and should not be, or the other way round. */
  async take(step: Step): Promise<void> {
    const { refused: [code, message] = [undefined, ''], pass = '30s' } = step;
    for (const request of requestsOf(step, this.#cluster.state)) {
      const answer = await this.#ask(request);
      const isAsExpected = code === undefined ? answer.code < 300 : answer.code === code && answer.message.includes(message);
      if (!isAsExpected) throw new Error(`${request.method} ${request.path}: ${answer.code} ${answer.message}`);
    }
    await this.#cluster.runUntil(this.#cluster.now + msOf(pass));
  }

  /** What is not as a row wants it (`Ends`). */
  faults(name: string, wanted: unknown): string[] {
    const selection = selectionOf(name);
    if (!selection) return missing(this.#object(name), wanted).map((fault) => `${name} ${fault}`);
    const found = this.#selected(selection);
    if (typeof wanted === 'number') return found.length === wanted ? [] : [`${name}: ${found.length}`];
    if (Array.isArray(wanted)) return areEach(found, wanted) ? [] : [`${name}: ${found.length}`, ...unmatched(found, wanted)];
    return found.flatMap((one) => missing(one, (wanted as { each: Part }).each).map((fault) => `${name} ${one.metadata.name} ${fault}`));
  }

  /** Where an object is not as its type is stored. */
  untyped(): string[] {
    return [...this.#cluster.state.entries()].flatMap(([key, object]) => untypedFields(key, object));
  }

  /** The same, of an Event (`Row.events`). */
  eventFaults(wanted: string): string[] {
    const [, not, kind, name, reason, message = ''] = /^(!?)(\w+)\/(\S+) (\S+) ?(.*)$/.exec(wanted)!;
    const isNamed = (told = '') => (name!.endsWith('*') ? told.startsWith(name!.slice(0, -1)) : told === name);
    const about = this.#cluster.list('events').filter(({ involvedObject }) => involvedObject.kind === kind && isNamed(involvedObject.name));
    const found = about.some((event) => event.reason === reason && event.message?.includes(message));
    return found === !not ? [] : [`${wanted}: ${about.map((event) => `${event.reason} ${event.message}`).join('; ')}`];
  }

  #object(name: string): KubeObject | undefined {
    const { resource, namespace, name: ownName } = placeOf(name, this.#cluster.state);
    return this.#cluster.state.get(resource.storedAs, namespace, ownName);
  }

  #selected({ kind, namespace, selector }: Selection): readonly KubeObject[] {
    const { storedAs, namespaced } = resourceOf(kind, this.#cluster.state);
    const requirements = parseLabelSelector(selector);
    const all = this.#cluster.state.list(storedAs, namespaced ? namespace : undefined) as readonly KubeObject[];
    return all.filter(({ metadata }) => matchesLabels(requirements, metadata.labels ?? {}));
  }

  async #ask({ method, path, body, type }: ApiRequest): Promise<{ code: number; message: string }> {
    const headers = { authorization: 'Bearer admin', 'content-type': type };
    const answer = await this.#fetch(new Request('https://localhost', { method, headers, body: JSON.stringify(body) }), { target: path });
    const { message = '' } = (await answer.json()) as { message?: string };
    return { code: answer.status, message };
  }
}

/** Whether there are as many objects as are wanted, and each is another one of them. */
function areEach(found: readonly KubeObject[], [first, ...others]: readonly Part[]): boolean {
  if (first === undefined) return found.length === 0;
  return found.some(
    (one) =>
      missing(one, first).length === 0 &&
      areEach(
        found.filter((other) => other !== one),
        others,
      ),
  );
}

/** Those of what is wanted that no object is. */
const unmatched = (found: readonly KubeObject[], wanted: readonly Part[]): string[] =>
  wanted.filter((each) => !found.some((one) => missing(one, each).length === 0)).map((each) => `none is ${JSON.stringify(each)}`);

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const msOf = (text: string): number => Number(text.slice(0, -1)) * UNITS[text.at(-1)!]!;
