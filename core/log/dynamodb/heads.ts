import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { type ClusterInstant, clusterInstant, epochMs, type RealInstant, realInstant } from '../../instant.ts';
import type { Offset } from '../event.ts';
import { LogUnavailable } from '../log.ts';
import { type Item, keyAt, numberOf, snapshotsPartition } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/** A snapshot's own record: it is there from before the first of the snapshot's other records is written until after the last one is deleted. */
export interface Head {
  readonly offset: Offset;
  readonly time: ClusterInstant;
  readonly aheadMinutes?: number;
  /** Its manifest, cut to the size of a record, is in a partition of this id. */
  readonly id: string;
  readonly pieces: number;
  /** When its writer began, ms since the epoch. */
  readonly begun: RealInstant;
  /** `older`: of the format in which a snapshot had its chunks for itself. It is not read any more, and the next snapshot removes it. */
  readonly state: 'saving' | 'complete' | 'removing' | 'older';
}

/** Puts a head where there is none. Returns whether it is there now: not when another one is. */
export const beginHead = (requests: Requests, cluster: string, head: Head): Promise<boolean> =>
  putIf(requests, cluster, head, { ConditionExpression: 'attribute_not_exists(#cluster)', ExpressionAttributeNames: { '#cluster': 'cluster' } });

/** Takes a head to another state. Returns whether it is in that now: not when another process has taken it elsewhere. */
export const moveHead = (requests: Requests, cluster: string, head: Head, state: Head['state']): Promise<boolean> =>
  putIf(requests, cluster, { ...head, state }, ifStill(head));

async function putIf(requests: Requests, cluster: string, head: Head, condition: Condition): Promise<boolean> {
  try {
    await requests.put({ Item: itemOf(cluster, head), ...condition });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // An earlier attempt may have been done and its answer lost.
    const there = await headAt(requests, cluster, head.offset);
    return there?.id === head.id && there.state === head.state;
  }
}

export async function deleteHead(requests: Requests, cluster: string, head: Head): Promise<void> {
  try {
    await requests.delete({ Key: keyAt(snapshotsPartition(cluster), head.offset), ...ifStill(head) });
  } catch (error) {
    // It is gone, or another one is in its place.
    if (!isConditionFailed(error)) throw error;
  }
}

export async function headAt({ get }: Requests, cluster: string, offset: Offset): Promise<Head | undefined> {
  const { Item: item } = await get({ Key: keyAt(snapshotsPartition(cluster), offset), ConsistentRead: true });
  return item && headOf(item);
}

/** The heads of a cluster's snapshots, newest first. */
export async function headsOf({ query }: Requests, cluster: string, atMost: Offset = Number.MAX_SAFE_INTEGER): Promise<Head[]> {
  const heads: Head[] = [];
  const pages = query({ ...within(cluster, '#offset <= :bound', atMost), ScanIndexForward: false });
  for await (const page of pages) heads.push(...page.filter((item) => numberOf(item, 'offset') !== BEGIN).map(headOf));
  return heads;
}

/** The first head after an offset. */
export async function headAfter({ query }: Requests, cluster: string, offset: Offset): Promise<Head | undefined> {
  for await (const [item] of query({ ...within(cluster, '#offset > :bound', offset), Limit: 1 })) return item && headOf(item);
  return undefined;
}

/** The snapshot at which a truncated log begins; 0 where nothing was deleted. */
export async function beginOf({ get }: Requests, cluster: string): Promise<Offset> {
  const { Item: item } = await get({ Key: keyAt(snapshotsPartition(cluster), BEGIN), ConsistentRead: true });
  return item ? numberOf(item, 'begin') : 0;
}

/**
 * Whether a log begins at or before an offset, for a branch whose record is there. A process that intends something else may have looked for records before that, and must look again,
 * or may be dead: its intention is taken back.
 */
export async function keepFrom({ get, put, token }: Requests, cluster: string, offset: Offset): Promise<boolean> {
  for (;;) {
    const { Item: item } = await get({ Key: keyAt(snapshotsPartition(cluster), BEGIN), ConsistentRead: true });
    if (!item) return true;
    if (numberOf(item, 'begin') > offset) return false;
    if (!item['next'] || numberOf(item, 'next') <= offset) return true;
    try {
      const { next: _, ...settled } = item;
      await put({
        Item: { ...settled, intent: { S: `${token()} settled` } },
        ConditionExpression: '#intent = :seen',
        ExpressionAttributeNames: { '#intent': 'intent' },
        ExpressionAttributeValues: { ':seen': item['intent']! },
      });
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }
}

/** Where a log is to begin from now on. */
export interface Beginning {
  readonly was: Offset;
  readonly to: Offset;
  /** Of the process that intends it. */
  readonly token: string;
}

/** Says where the log is about to begin; undefined: it begins there already. From then on no branch is begun on what is before. */
export async function intendBegin(requests: Requests, cluster: string, to: Offset): Promise<Beginning | undefined> {
  const token = requests.token();
  for (let was = await beginOf(requests, cluster); was < to; was = await beginOf(requests, cluster)) {
    try {
      await requests.put({
        Item: { ...keyAt(snapshotsPartition(cluster), BEGIN), begin: { N: String(was) }, next: { N: String(to) }, intent: { S: token } },
        ConditionExpression: 'attribute_not_exists(#cluster) OR #begin = :was',
        ExpressionAttributeNames: { '#cluster': 'cluster', '#begin': 'begin' },
        ExpressionAttributeValues: { ':was': { N: String(was) } },
      });
      return { was, to, token };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }
  return undefined;
}

/**
 * Says where the log begins from now on: where it was intended, or where it did before. To be done before the first entry is deleted. Throws `LogUnavailable` when another process
 * intends something else by now.
 */
export async function settleBegin(requests: Requests, cluster: string, { token }: Beginning, begin: Offset): Promise<void> {
  try {
    await requests.put({
      Item: { ...keyAt(snapshotsPartition(cluster), BEGIN), begin: { N: String(begin) }, intent: { S: `${token} settled` } },
      ConditionExpression: '#intent = :intended OR #intent = :settled',
      ExpressionAttributeNames: { '#intent': 'intent' },
      ExpressionAttributeValues: { ':intended': { S: token }, ':settled': { S: `${token} settled` } },
    });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    throw new LogUnavailable(`another process says where the log of ${cluster} begins`, { cause: error });
  }
}

/** Of a log that is removed. */
export async function deleteBegin(requests: Requests, cluster: string): Promise<void> {
  await requests.delete({ Key: keyAt(snapshotsPartition(cluster), BEGIN) });
}

/** No snapshot is of the state before the first event. */
const BEGIN = 0;

const within = (cluster: string, bound: string, value: Offset) => ({
  KeyConditionExpression: `#cluster = :cluster AND ${bound}`,
  ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset' },
  ExpressionAttributeValues: { ':cluster': { S: snapshotsPartition(cluster) }, ':bound': { N: String(value) } },
  ConsistentRead: true,
});

const itemOf = (cluster: string, { offset, time, aheadMinutes, id, pieces, begun, state }: Head): Item => ({
  ...keyAt(snapshotsPartition(cluster), offset),
  time: { N: String(time) },
  ...(aheadMinutes && { ahead: { N: String(aheadMinutes) } }),
  id: { S: id },
  pieces: { N: String(pieces) },
  begun: { N: String(epochMs(begun)) },
  state: { S: stateText({ id, state }) },
});

const headOf = (item: Item): Head => {
  const [state, id] = (item['state']?.S ?? `older ${item['id']!.S!}`).split(' ') as [Head['state'], string];
  return {
    offset: numberOf(item, 'offset'),
    time: clusterInstant(numberOf(item, 'time')),
    ...(item['ahead'] && { aheadMinutes: numberOf(item, 'ahead') }),
    id,
    pieces: numberOf(item, 'pieces'),
    begun: realInstant(item['begun'] ? numberOf(item, 'begun') : 0),
    state,
  };
};

/** One text, so that one condition says whose head it is and how far it has come. */
const stateText = ({ id, state }: Pick<Head, 'id' | 'state'>) => `${state} ${id}`;

function ifStill(head: Head): Condition {
  const [name, value] = head.state === 'older' ? ['id', head.id] : ['state', stateText(head)];
  return { ConditionExpression: '#is = :is', ExpressionAttributeNames: { '#is': name }, ExpressionAttributeValues: { ':is': { S: value } } };
}

type Condition = Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;
