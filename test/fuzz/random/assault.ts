import { memoryLog } from '../../../core/log/memory/memory-log.ts';
import { Replica } from '../../../core/replica/replica.ts';
import { seededEnv } from '../../../core/testing/env.ts';
import { type Answer, type TestServer, testServer } from '../../../core/testing/server.ts';
import { Chance } from '../../simulation/chance.ts';
import { LONGEST_ANSWER } from '../growth.ts';
import { type RandomRequest, randomRequest } from './requests.ts';
import type { Subject } from './subjects.ts';

/**
 * Sends random requests about a subject to one cluster, and returns what went wrong: the server crashed or answered 500, a refused request changed something, an accepted
 * one cannot be read again, or the log does not lead to what is served. The same seed sends the same.
 */
export async function assault(subject: Subject, seed: number, requests: number): Promise<string[]> {
  const chance = new Chance(`${subject.name} ${seed}`);
  const log = memoryLog();
  const server = await testServer({ log });
  const findings: string[] = [];
  const send = async (request: RandomRequest) => {
    const before = server.replica.state;
    const answer = await server.request(request.line, request.options);
    const problem = bug(server) ?? problemOf(answer, request) ?? changeProblem(answer, before.offset, server, request);
    if (problem) findings.push(`${problem}: ${text(request)}: ${answer.text.slice(0, 300)}`);
    return answer;
  };
  let prepared = subject.prepare?.(chance);
  for (; prepared; prepared = subject.prepare!(chance)) {
    const { code } = await send({ line: `POST ${prepared.collection}`, options: { body: prepared.manifest } });
    if (code === 201 || findings.length > 0) break;
  }
  for (let i = 0; i < requests && findings.length === 0; i++) {
    const target = subject.target(chance, prepared);
    if (chance.happens(0.3)) await send({ line: `POST ${target.collection}`, options: { body: target.manifest } });
    await send(randomRequest(chance, target));
    if (i % 10 === 9) for (const line of reads(target.collection)) await send({ line, options: {} });
  }
  return findings.length > 0 ? findings : await replayProblems(server, log);
}

/** What shows all that is served, in every form. */
const reads = (collection: string) => [`GET ${collection}`, 'GET /apis', 'GET /openapi/v2', 'GET /openapi/v3', `GET ${collection}?limit=1`];

function problemOf({ code, text: { length }, json }: Answer, { line, options }: RandomRequest): string | undefined {
  if (line.startsWith('GET') && code !== 200 && code !== 404) return `a read is answered ${code}`;
  if (code >= 500 && !isKubernetes(json)) return `answered ${code}`;
  const sent = typeof options.body === 'string' ? options.body.length : 0;
  return code >= 400 && length > LONGEST_ANSWER + 20 * sent ? `the answer has ${length} characters` : undefined;
}

/**
 * What Kubernetes itself answers 500 to (a list whose keys repeat, applied; a version that is no number) has no reason, but for a webhook that cannot be called. A fault of the server's own
 * has one.
 */
const isKubernetes = (status: { code: number; reason?: string; message?: string }): boolean =>
  status?.code === 500 && (status.reason === undefined || /: failed calling webhook "/.test(status.message ?? ''));

function changeProblem({ code, json }: Answer, before: number, { replica }: TestServer, { line }: RandomRequest): string | undefined {
  const { offset } = replica.state;
  if (code >= 400 && offset !== before) return 'a refused request changed something';
  // The options of a deletion that has a body are those of the body.
  if (/^(?!DELETE).*[?&]dryRun=All/.test(line) && offset !== before) return 'a dry run changed something';
  return code < 300 && !line.startsWith('GET') && typeof json?.kind !== 'string' ? 'what was accepted is answered as nothing' : undefined;
}

function bug({ problems }: TestServer): string | undefined {
  const [error] = problems.splice(0);
  return error instanceof Error ? `the server failed: ${error.stack}` : undefined;
}

/** The log alone leads to all that is there. */
async function replayProblems({ replica }: TestServer, log: ReturnType<typeof memoryLog>): Promise<string[]> {
  const again = await Replica.open({ log, cluster: 'main', env: seededEnv() });
  const objects = ({ state }: Replica) => JSON.stringify(state.resources.map((resource) => state.list(resource)));
  return objects(again) === objects(replica) ? [] : ['the log does not lead to what is served'];
}

const text = ({ line, options: { body, type } }: RandomRequest) => `${line} ${type ?? ''} ${typeof body === 'string' ? body : (JSON.stringify(body) ?? '')}`;
