import type { Targets } from '../../core/subscriptions/target.ts';
import { Chance } from './chance.ts';
import type { Process, World } from './process.ts';

/** What a subscriber was told, in the order in which it came. */
export interface Told {
  /** Of the event. */
  readonly id: string;
  readonly object: string;
  readonly offset: number;
}

/** The targets of subscriptions of all clusters: they take their time, refuse, and take what nobody learns that they took. */
export class Subscribers {
  readonly #world: World;
  readonly #chance: Chance;
  /** By cluster. */
  readonly told = new Map<string, Told[]>();

  constructor(world: World) {
    this.#world = world;
    // Of its own: what is drawn here must not change what is drawn elsewhere.
    this.#chance = new Chance(`subscribers ${world.seed}`);
  }

  /** How a process reaches them. */
  targetsOf({ env }: Process): Targets {
    const happens = (probability: number) => this.#world.faults.active && this.#chance.happens(probability);
    return () => ({
      deliver: async ({ event, object }, signal) => {
        await env.clock.sleep(happens(0.02) ? SLOW_MS : this.#chance.exponential(20), signal);
        if (signal.aborted || happens(0.1)) throw new Error('the subscriber does not take it');
        const cluster = event.source.replace('/clusters/', '');
        const told = this.told.get(cluster) ?? [];
        this.told.set(cluster, told);
        told.push({ id: event.id, object, offset: Number(event['sequence']) });
        if (happens(0.05)) throw new Error('the answer of the subscriber is lost');
      },
    });
  }
}

const SLOW_MS = 10_000;
