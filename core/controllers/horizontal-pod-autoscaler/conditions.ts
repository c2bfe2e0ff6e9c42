import type { ClusterInstant } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { HorizontalPodAutoscalerCondition } from '../../schema/generated/kinds.ts';

type Type = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** What an autoscaler's conditions come to in one look, in the order in which they are first said (horizontal.go, setConditionInList). */
export class Conditions {
  readonly #now: ClusterInstant;
  readonly #before: readonly HorizontalPodAutoscalerCondition[];
  #list: readonly HorizontalPodAutoscalerCondition[];

  constructor(before: readonly HorizontalPodAutoscalerCondition[], now: ClusterInstant) {
    this.#before = before;
    this.#list = before;
    this.#now = now;
  }

  get list(): HorizontalPodAutoscalerCondition[] {
    return [...this.#list];
  }

  set(type: Type, status: 'True' | 'False', reason: string, message: string): void {
    // What is said on the way to the end of a look is no transition.
    const before = this.#before.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp(this.#now);
    const condition = { type, status, ...(lastTransitionTime && { lastTransitionTime }), reason, message };
    const said = this.#list.find((one) => one.type === type);
    this.#list = said ? this.#list.map((one) => (one === said ? condition : one)) : [...this.#list, condition];
  }

  remove(type: string): void {
    this.#list = this.#list.filter((condition) => condition.type !== type);
  }
}
