import { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * The inside of a container: what AWS's runtime for Node does around a handler, with messages in place of the Runtime API. One invocation at a time.
 */
export type ToContainer = { readonly type: 'invoke'; readonly event: unknown } | { readonly type: 'gone' };

export type FromContainer =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly message: string };

const port = parentPort!;
const send = (message: FromContainer) => port.postMessage(message);

type Streaming = (event: unknown, stream: ResponseStream, context: object) => Promise<void>;
const streaming = new WeakSet<object>();

/** Lambda's response stream: what `HttpResponseStream.from` was given goes out before the first write, and not earlier. */
class ResponseStream extends Writable {
  prelude: Uint8Array[] = [];

  override write(chunk: Uint8Array | string, ...rest: never[]): boolean {
    for (const bytes of this.prelude.splice(0)) send({ type: 'chunk', bytes });
    return super.write(chunk, ...rest);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (chunk.length > 0) send({ type: 'chunk', bytes: chunk });
    done();
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse(handler: Streaming) {
      streaming.add(handler);
      return handler;
    },
    HttpResponseStream: {
      from(stream: ResponseStream, metadata: object) {
        stream.prelude = [Buffer.from(JSON.stringify(metadata)), new Uint8Array(8)];
        return stream;
      },
    },
  },
});

const { handler } = (await import(workerData as string)) as { handler: Streaming & ((event: unknown, context: object) => Promise<unknown>) };

let current: ResponseStream | undefined;

async function invoke(event: unknown): Promise<unknown> {
  if (!streaming.has(handler)) return await handler(event, {});
  current = new ResponseStream();
  const ended = new Promise<void>((resolve) => current!.once('close', resolve));
  await handler(event, current, {});
  await ended;
  return undefined;
}

port.on('message', async (message: ToContainer) => {
  if (message.type === 'gone') return void current?.destroy();
  try {
    send({ type: 'result', value: await invoke(message.event) });
  } catch (error) {
    send({ type: 'error', message: error instanceof Error ? `${error.stack}` : String(error) });
  }
});
