/**
 * A stage looks at a call and returns what it found, which the call has from then on. It ends the call by returning a Response, or by throwing (a StatusError, where the
 * client is at fault).
 */
export type Stage<Call, Out extends Returned | Promise<Returned>> = (call: Call) => Out;

/** A stage that has a before and an after: `next` takes the call through all that come behind it. One that has neither for a call returns nothing, which costs that call no turn. */
export type AroundStage<Call> = (call: Call, next: () => Promise<Response>) => Promise<Response> | undefined;

/**
 * Stages in their order. Each takes what the call has when it comes to it, which the compiler checks, and never a field that might not be there yet. An `around` stage may
 * name as optional what later stages find: it is there afterwards, as far as they came.
 */
export class Stages<Received extends object, Call> {
  readonly #steps: readonly Step[];

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  static of<Received extends object>(): Stages<Received, Received> {
    return new Stages<Received, Received>([]);
  }

  stage<Out extends Returned | Promise<Returned>>(stage: Stage<Call, Out>): Stages<Received, Grown<Call, Out>> {
    return new Stages([...this.#steps, stage]);
  }

  around(stage: AroundStage<Call>): Stages<Received, Call> {
    return new Stages([...this.#steps, stage]);
  }

  /** The last stage; the function that takes a call through all of them. What comes in grows on its way. */
  answer(stage: Stage<Call, Response>): (received: Received) => Promise<Response> {
    const steps: readonly Step[] = [...this.#steps, stage];
    return (received) => run(steps, received, 0);
  }
}

type Returned = Response | object | undefined;

/** What a stage adds to a call. */
type Found<Out> = Exclude<Awaited<Out>, Response | undefined>;

type Grown<Call, Out> = [Found<Out>] extends [never] ? Call : Call & Found<Out>;

/** Of either form. That the call has what a step takes, `Stages` has seen to. */
type Step = (call: never, next: () => Promise<Response>) => Returned | Promise<Returned>;

async function run(steps: readonly Step[], call: object, first: number): Promise<Response> {
  for (let i = first; i < steps.length; i++) {
    const returned = steps[i]!(call as never, () => run(steps, call, i + 1));
    // Most stages answer at once, and need no turn of their own.
    const found = returned instanceof Promise ? await returned : returned;
    if (found instanceof AnyResponse) return found;
    Object.assign(call, found);
  }
  throw new Error('the last stage did not answer');
}

/** As it is when the process starts: @hono/node-server puts a class of its own in the place of the global one, whose objects are of this one as well. */
const AnyResponse = Response;
