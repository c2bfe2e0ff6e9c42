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
 * Takes a log for removal, unless it is used: then the clusters that use it are returned. `token` is new each time, so that of two processes that condemn a log only
 * the later one decides, which has looked after both, or none of them where a fork has pardoned it: then it throws `LogUnavailable`.
 */
export async function condemn(requests: Requests, ended: Ended, token: string): Promise<readonly string[]> {
  const { log } = ended;
  // A look that costs no write: most logs are used for long, or not at all.
  const users = await usersOf(requests, log);
  if (users.length > 0) return users;
  await replace(requests, { ...ended, state: 'condemned', token }, [ended.token, token]);
  const late = await usersOf(requests, log);
  await replace(requests, { ...ended, state: late.length > 0 ? 'kept' : 'removing', token }, [token]);
  return late;
}

/** Keeps a condemned log, for a branch whose record is there: who condemned it may have looked before that, and must look again, or may be dead. */
export async function pardon(requests: Requests, ended: Ended, token: string): Promise<void> {
  await replace(requests, { ...ended, state: 'kept', token }, [ended.token, token]);
}

async function usersOf(requests: Requests, log: string): Promise<string[]> {
  const users = usesOf(log, await listBranches(requests)).map(({ cluster }) => cluster);
  return (await isCurrent(requests, log)) ? [log, ...users] : users;
}

/** Nothing is left of a log. */
export async function forgetEnded(requests: Requests, log: string): Promise<void> {
  await requests.delete({ Key: keyAt(endedPartition, wideNumberOfName(log)) });
}

async function replace({ put }: Requests, ended: Ended, tokens: readonly string[]): Promise<void> {
  try {
    await put({
      Item: itemOf(ended),
      ConditionExpression: tokens.map((_, i) => `#token = :token${i}`).join(' OR '),
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: Object.fromEntries(tokens.map((token, i) => [`:token${i}`, { S: token }])),
    });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    throw new LogUnavailable(`whether the log ${ended.log} is removed was just decided by another process`, { cause: error });
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
