import { Writable } from 'node:stream';
import type { ProgressResult } from './progress.ts';

/** What `logplane up` tells while it runs: to people, or to programs. */
export interface UpTold {
  readonly serving: (told: Serving) => void;
  readonly refused: (told: { readonly source: string; readonly object: string; readonly message: string }) => void;
  readonly applied: (counts: Counts) => void;
  /** Where it is shown how what was applied gets ready. */
  readonly progress: Writable | NodeJS.WriteStream;
  readonly came: (outcome: ProgressResult, seconds: number) => void;
  readonly waiting: () => void;
  readonly stopped: () => void;
}

interface Serving {
  readonly url: string;
  /** Signs in to the page, once and for a quarter of an hour. */
  readonly link: () => string;
  readonly kubeconfig: string;
  /** Where the log is; none: it is in memory. */
  readonly data: string | undefined;
}

interface Counts {
  readonly created: number;
  readonly configured: number;
  readonly unchanged: number;
}

interface Streams {
  readonly out: Writable | NodeJS.WriteStream;
  readonly err: Writable;
}

/** For people. */
export function inText({ out, err }: Streams): UpTold {
  const say = (text: string) => void out.write(`${text}\n`);
  const isTerminal = 'isTTY' in out && out.isTTY === true;
  let isKept = false;
  return {
    serving({ url, link, kubeconfig, data }) {
      isKept = data !== undefined;
      say(`Logplane serves a cluster on ${url}\n`);
      // What is no terminal may be kept by somebody.
      say(`Look at it: ${isTerminal ? `${link()} (signs in once, for a quarter of an hour)` : `${url}/ui/ (logplane ui prints a link that signs in)`}`);
      say(`kubeconfig: ${kubeconfig}`);
      say(
        `Try:\n  export KUBECONFIG=${kubeconfig}\n  kubectl get nodes,pods -A -o wide\n  kubectl create deployment hello --image=nginx --replicas=3\n  kubectl get events -A\n`,
      );
    },
    refused: ({ source, object, message }) => void err.write(`logplane: ${source}: ${object}: ${message}\n`),
    applied: ({ created, configured, unchanged }) => say(`Applied: ${created} created, ${configured} configured, ${unchanged} unchanged.\n`),
    progress: out,
    came(outcome, seconds) {
      if (outcome === 'ready') say(`\nAll ready after ${seconds.toFixed(1)} s.`);
      if (outcome === 'failed') say(`\nNot all got ready: see what failed above. ${seconds.toFixed(1)} s.`);
    },
    waiting: () => say(`Serving. Ctrl-C stops${isKept ? '; the data stays' : ''}.`),
    stopped: () => undefined,
  };
}

/** For programs: a line of JSON for each event, all but the last of which come while it runs. */
export function inJson({ out, err }: Streams): UpTold {
  const say = (event: string, told: object = {}) => void out.write(`${JSON.stringify({ event, ...told })}\n`);
  const { refused } = inText({ out, err });
  return {
    serving: ({ url, link, kubeconfig, data }) => say('serving', { url, link: link(), kubeconfig, ...(data !== undefined && { data }) }),
    refused(told) {
      refused(told);
      say('refused', told);
    },
    applied: (counts) => say('applied', counts),
    progress: nowhere(),
    came: (outcome, seconds) => say(outcome, { seconds }),
    waiting: () => say('waiting'),
    stopped: () => say('stopped'),
  };
}

/** For nobody: only what is refused is told. */
export const inSilence = ({ err }: Streams): UpTold => inText({ out: nowhere(), err });

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
