/** A stream that knows how much it was handed and has not been taken from it: what a slow reader costs its server. */
export class MeasuredStream extends ReadableStream<Uint8Array> {
  /** The most that it ever held, in bytes. */
  readonly most: () => number;
  /** Some bytes were read. */
  readonly took: (bytes: number) => void;

  constructor(source: Source = {}, strategy?: QueuingStrategy<Uint8Array>) {
    let held = 0;
    let most = 0;
    const measured = (controller: Controller): Controller => ({
      get desiredSize() {
        return controller.desiredSize;
      },
      close: () => controller.close(),
      error: (error) => controller.error(error),
      enqueue(bytes) {
        controller.enqueue(bytes);
        held += bytes!.length;
        most = Math.max(most, held);
      },
    });
    super(
      {
        start: (controller) => source.start?.(measured(controller)),
        pull: (controller) => source.pull?.(measured(controller)),
        cancel: (reason) => source.cancel?.(reason),
      },
      strategy,
    );
    this.most = () => most;
    this.took = (bytes) => {
      held -= bytes;
    };
  }
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

interface Source {
  start?(controller: Controller): void | Promise<void>;
  pull?(controller: Controller): void | Promise<void>;
  cancel?(reason?: unknown): void | Promise<void>;
}

/** Has every stream measured that is made while something runs. */
export async function measuringStreams<T>(run: () => Promise<T>): Promise<T> {
  const { ReadableStream } = globalThis;
  Object.assign(globalThis, { ReadableStream: MeasuredStream });
  try {
    return await run();
  } finally {
    Object.assign(globalThis, { ReadableStream });
  }
}
