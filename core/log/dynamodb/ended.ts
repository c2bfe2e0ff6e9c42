import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import { usesOf } from '../branches.ts';
import { LogUnavailable } from '../log.ts';
import { isCurrent, listBranches } from './branch-records.ts';
import { endedPartition, type Item, keyAt, numberOf, wideNumberOfName } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/**
 * The logs of clusters that have ended, until nothing is left of them. One that forks are based on is `kept`. To be removed it is `condemned` first, and then looked for in the bases of
 * all branches: where one names it, it is kept on. A fork that comes meanwhile pardons it.
 */
export interface Ended {
  readonly log: string;
  readonly since: RealInstant;
  readonly state: 'kept' | 'condemned' | 'removing';
  /** Of the process that put it into that state. */
  readonly token: string;
}

export async function endedLog({ get }: Requests, log: string): Promise<Ended | undefined> {
  const { Item: item } = await get({ Key: keyAt(endedPartition, wideNumberOfName(log)), ConsistentRead: true });
  return item && endedIn(item);
}

export async function endedLogs({ query }: Requests): Promise<string[]> {
  const logs: string[] = [];
  const all = {
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: endedPartition } },
    ConsistentRead: true,
  };
  for await (const page of query(all)) logs.push(...page.map((item) => endedIn(item).log));
  return logs;
}

/** Does nothing where the log is noted already. */
export async function noteEnded({ put }: Requests, log: string, since: RealInstant): Promise<void> {
  try {
    await put({
      Item: itemOf({ log, since, state: 'kept', token: '' }),
      ConditionExpression: 'attribute_not_exists(#cluster)',
      ExpressionAttributeNames: { '#cluster': 'cluster' },
    });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}

/**
 * Takes logs for removal that no branch uses, and resolves to the clusters that use the others. A log is condemned with a token that is new each time, so that of two processes that
 * condemn it only the later one decides, which has looked after both, or none of them where a fork has pardoned it: that log is not among those that are told of.
 */
export async function release(requests: Requests, logs: readonly string[]): Promise<Map<string, readonly string[]>> {
  const out = new Map<string, readonly string[]>();
  const undecided: Ended[] = [];
  for (const ended of await side(logs, (log) => endedLog(requests, log))) {
    if (ended?.state === 'removing') out.set(ended.log, []);
    else if (ended) undecided.push(ended);
  }
  if (undecided.length === 0) return out;
  // A look that costs no write: most logs are used for long, or not at all.
  const users = await usersOf(requests, undecided);
  for (const { log } of undecided) if (users.get(log)!.length > 0) out.set(log, users.get(log)!);
  const token = requests.token();
  const condemned = (
    await side(
      undecided.filter(({ log }) => !out.has(log)),
      async (ended) => ((await replace(requests, { ...ended, state: 'condemned', token }, [ended.token, token])) ? ended : undefined),
    )
  ).filter((ended) => ended !== undefined);
  if (condemned.length === 0) return out;
  const late = await usersOf(requests, condemned);
  await side(condemned, async (ended) => {
    const users = late.get(ended.log)!;
    if (await replace(requests, { ...ended, state: users.length > 0 ? 'kept' : 'removing', token }, [token])) out.set(ended.log, users);
  });
  return out;
}

/** Keeps a condemned log, for a branch whose record is there: who condemned it may have looked before that, and must look again, or may be dead. */
export async function pardon(requests: Requests, ended: Ended, token: string): Promise<void> {
  if (await replace(requests, { ...ended, state: 'kept', token }, [ended.token, token])) return;
  throw new LogUnavailable(`whether the log ${ended.log} is removed was just decided by another process`);
}

/** The clusters that use logs, by one look at all branches. */
async function usersOf(requests: Requests, logs: readonly Ended[]): Promise<Map<string, readonly string[]>> {
  const branches = await listBranches(requests);
  const found = await side(logs, async ({ log }): Promise<[string, readonly string[]]> => {
    const users = usesOf(log, branches).map(({ cluster }) => cluster);
    return [log, (await isCurrent(requests, log)) ? [log, ...users] : users];
  });
  return new Map(found);
}

/** Some side by side. */
async function side<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  for (let i = 0; i < all.length; i += AT_ONCE) out.push(...(await Promise.all(all.slice(i, i + AT_ONCE).map(work))));
  return out;
}

const AT_ONCE = 16;

/** Nothing is left of a log. */
export async function forgetEnded(requests: Requests, log: string): Promise<void> {
  await requests.delete({ Key: keyAt(endedPartition, wideNumberOfName(log)) });
}

/** Returns whether it did: not where another process has a token there by now. */
async function replace({ put }: Requests, ended: Ended, tokens: readonly string[]): Promise<boolean> {
  try {
    await put({
      Item: itemOf(ended),
      ConditionExpression: tokens.map((_, i) => `#token = :token${i}`).join(' OR '),
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: Object.fromEntries(tokens.map((token, i) => [`:token${i}`, { S: token }])),
    });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
}

const itemOf = ({ log, since, state, token }: Ended): Item => ({
  ...keyAt(endedPartition, wideNumberOfName(log)),
  log: { S: log },
  time: { N: String(epochMs(since)) },
  state: { S: state },
  token: { S: token },
});

const endedIn = (item: Item): Ended => ({
  log: item['log']!.S!,
  since: realInstant(numberOf(item, 'time')),
  state: item['state']!.S as Ended['state'],
  token: item['token']!.S!,
});
