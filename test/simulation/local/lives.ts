import { Chance } from '../chance.ts';
import { VirtualTime } from '../clock.ts';
import { Faults } from '../faults.ts';
import type { World } from '../process.ts';
import { type Damage, Disk, damageKinds } from './disk.ts';
import { Machine, type OpenLog, productionLog } from './machine.ts';

export interface LocalOptions {
  readonly openLog?: OpenLog;
  /** What the disk may do; anything unless told. */
  readonly damages?: readonly Damage[];
}

/** What may happen in a life. */
export type Happening = Damage | 'disk full' | 'killed' | 'clock set' | 'refused to start';

export interface LocalResult {
  readonly findings: readonly string[];
  /** How often each of the things happened that may. */
  readonly counts: ReadonlyMap<Happening, number>;
}

/**
 * The lives of one local host on one data directory: a client writes, the disk is full for a while, the process is stopped or killed, the disk damages its
 * files, and the next process begins with what is there. It starts with everything that was acknowledged, or it says that it does not; then the
 * undamaged files are put back. In the end all that was asked for runs.
 */
export async function live(seed: number, { openLog = productionLog, damages = damageKinds }: LocalOptions = {}): Promise<LocalResult> {
  return new Lives(seed, { openLog, damages }).run();
}

class Lives {
  readonly #world: World;
  readonly #openLog: OpenLog;
  readonly #damages: readonly Damage[];
  readonly #client: Client;
  readonly #findings: string[] = [];
  readonly #counts = new Map<Happening, number>();
  #disk = new Disk();
  #starts = 0;
  #fullUntil = 0;

  constructor(seed: number, { openLog, damages }: Required<LocalOptions>) {
    const time = new VirtualTime({ start: Date.UTC(2026, 10, 23, 12), chance: new Chance(`order ${seed}`) });
    this.#world = { seed, time, chance: new Chance(`local ${seed}`), faults: new Faults({ chance: new Chance('none'), rates: {} }) };
    this.#openLog = openLog;
    this.#damages = damages;
    this.#client = new Client(new Chance(`client ${seed}`));
  }

  async run(): Promise<LocalResult> {
    try {
      for (let life = 1; life <= LIVES && this.#findings.length === 0; life++) await this.#liveOnce();
      if (this.#findings.length === 0) await this.#comeToRest();
    } catch (error) {
      this.#findings.push(String((error as Error).stack));
    } finally {
      this.#disk.remove();
    }
    return { findings: this.#findings, counts: this.#counts };
  }

  async #liveOnce(): Promise<void> {
    const { chance, time } = this.#world;
    if (chance.happens(0.3)) {
      this.#count('clock set');
      time.wrong = chance.between(-2, 2) * YEAR;
    }
    const machine = await this.#until(this.#start());
    await this.#look(machine);
    if (chance.happens(0.4)) {
      this.#count('disk full');
      this.#fullUntil = time.now + chance.between(1_000, 10_000);
    }
    const writes = chance.whole(5, 25);
    const copyAt = chance.whole(0, writes - 1);
    let earlier = this.#disk;
    for (let i = 0; i < writes; i++) {
      if (i === copyAt) earlier = this.#disk.copy();
      await this.#until(this.#client.write(machine));
      await time.run({ until: time.now + chance.exponential(1_000) });
    }
    await this.#end(machine);
    await this.#damage(earlier);
    earlier.remove();
  }

  /** The process ends: it is stopped, or killed, perhaps while it works for a client. */
  async #end(machine: Machine): Promise<void> {
    const { chance, time } = this.#world;
    if (chance.happens(0.3)) return this.#until(machine.stop());
    this.#count('killed');
    if (chance.happens(0.5)) {
      void this.#client.write(machine).catch(() => undefined);
      await time.run({ until: time.now + chance.exponential(1) });
    }
    const left = this.#disk.copy();
    await this.#until(machine.kill());
    this.#client.killed();
    this.#disk.remove();
    this.#disk = left;
  }

  /** Lets the disk damage a copy of the files, and looks what a host makes of it. */
  async #damage(earlier: Disk): Promise<void> {
    const { chance } = this.#world;
    const damage = chance.pick(this.#damages);
    const whole = this.#disk;
    this.#disk = whole.copy();
    this.#disk.damage(damage, { chance, earlier });
    this.#count(damage);
    try {
      const machine = await this.#until(this.#start());
      await this.#look(machine, `after "${damage}": `);
      await this.#until(machine.kill());
    } catch (error) {
      this.#count('refused to start');
      if (!saysSo(error)) this.#findings.push(`after "${damage}" the host does not start, and says no more than ${error}`);
    }
    this.#disk.remove();
    this.#disk = whole;
  }

  async #comeToRest(): Promise<void> {
    const { time } = this.#world;
    this.#fullUntil = 0;
    const machine = await this.#until(this.#start());
    await this.#look(machine);
    await this.#until(this.#client.create(machine, 'deployments', deployment));
    await time.run({ until: time.now + 120_000 });
    const { body } = await this.#until(machine.send('GET', '/api/v1/namespaces/default/pods'));
    const running = (body as List).items.filter(({ status }) => status?.phase === 'Running');
    if (running.length !== 2) this.#findings.push(`${running.length} of 2 pods run in the end`);
    await this.#until(machine.stop());
  }

  async #look(machine: Machine, where = ''): Promise<void> {
    for (const finding of await this.#until(this.#client.findings(machine))) this.#findings.push(where + finding);
  }

  #start(): Promise<Machine> {
    const { time } = this.#world;
    const isFull = () => time.now < this.#fullUntil;
    return Machine.start({ world: this.#world, name: `host-${++this.#starts}`, disk: this.#disk, openLog: this.#openLog, isFull });
  }

  #count(what: Happening): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Lets time go by until something is done. */
  async #until<T>(work: Promise<T>): Promise<T> {
    const { time } = this.#world;
    let done = false;
    const over = work.finally(() => {
      done = true;
    });
    over.catch(() => {});
    await time.run({ until: time.now + 120_000, done: () => done });
    if (!done) throw new Error('nothing came of it in two minutes');
    return over;
  }
}

/** A client that knows what of its ConfigMaps was acknowledged. */
class Client {
  readonly #chance: Chance;
  /** What each must be: one of these, when the fate of the last write is not known. Undefined: not there. */
  readonly #expected = new Map<string, readonly (string | undefined)[]>();
  #newest = 0;
  #writes = 0;
  /** What is under way. */
  #open: { name: string; value: string | undefined } | undefined;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  async write(machine: Machine): Promise<void> {
    const name = `map-${this.#chance.whole(1, 12)}`;
    const known = this.#expected.get(name) ?? [undefined];
    const there = known.some((value) => value !== undefined);
    const value = there && this.#chance.happens(0.3) ? undefined : String(++this.#writes);
    this.#open = { name, value };
    const { code, body } = await this.#send(machine, { name, value, there });
    this.#open = undefined;
    if (code < 300) this.#acknowledged(name, value, body);
    // 500, 503 and 504 may be said of what is written all the same; anything else says that it is not.
    else if (code >= 500) this.#expected.set(name, [...known, value]);
  }

  async create(machine: Machine, resource: string, object: object): Promise<void> {
    const { code, body } = await machine.send('POST', `/apis/apps/v1/namespaces/default/${resource}`, object);
    if (code !== 201) throw new Error(JSON.stringify(body));
  }

  /** The process that had a request under way is no more. */
  killed(): void {
    if (this.#open) this.#expected.set(this.#open.name, [...(this.#expected.get(this.#open.name) ?? [undefined]), this.#open.value]);
    this.#open = undefined;
  }

  /** What a machine has not, or has otherwise. */
  async findings(machine: Machine): Promise<string[]> {
    const { code, body } = await machine.send('GET', CONFIGMAPS);
    if (code !== 200) return [`a list was answered with ${code}`];
    const { items, metadata } = body as List;
    const values = new Map(items.map((item) => [item.metadata.name, item.data?.['value']]));
    const findings: string[] = [];
    if (Number(metadata.resourceVersion) < this.#newest) findings.push(`the log ends at ${metadata.resourceVersion}, and ${this.#newest} was acknowledged`);
    for (const [name, expected] of this.#expected) {
      const value = values.get(name);
      if (!expected.includes(value)) findings.push(`${name} is ${value}, where ${expected.join(' or ')} was acknowledged`);
    }
    return findings;
  }

  #send(machine: Machine, { name, value, there }: { name: string; value: string | undefined; there: boolean }) {
    const path = `${CONFIGMAPS}/${name}`;
    if (value === undefined) return machine.send('DELETE', path);
    if (there) return machine.send('PATCH', path, { data: { value } }, 'application/merge-patch+json');
    return machine.send('POST', CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });
  }

  #acknowledged(name: string, value: string | undefined, body: unknown): void {
    this.#expected.set(name, [value]);
    if (value !== undefined) this.#newest = Math.max(this.#newest, Number((body as { metadata: { resourceVersion: string } }).metadata.resourceVersion));
  }
}

/** Whether an operator learns from it which file it is about. */
const saysSo = (error: unknown): boolean => error instanceof Error && error.message.includes('log.db');

const LIVES = 3;
const YEAR = 365 * 24 * 3_600_000;

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'registry.example/web:1' }] } },
  },
};

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly data?: Readonly<Record<string, string>>;
    readonly status?: { readonly phase?: string };
  }[];
}
