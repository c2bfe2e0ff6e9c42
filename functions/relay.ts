import type { AttributeValue, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { isClusterName } from '../core/kube/cluster-name.ts';
import { clusterOfLog } from '../core/log/branches.ts';
import { decodeEntry } from '../core/log/codec.ts';
import type { Offset } from '../core/log/event.ts';
import { lastOffset } from '../core/log/log.ts';
import { wire } from './wiring.ts';

const { queues, problem } = wire();

/**
 * Wakes the reconcilers of the clusters whose entries the table's stream brings, once for each log and by its newest entry. The writer has sent the
 * same, with the same deduplication id, so this is news only when it could not. Rejects, and gets the batch again, when SQS does not take it.
 */
export async function handler({ Records }: DynamoDBStreamEvent): Promise<void> {
  const ends = new Map<string, Offset>();
  for (const record of Records) {
    const end = endOf(record);
    if (end && end.offset > (ends.get(end.log) ?? 0)) ends.set(end.log, end.offset);
  }
  await queues.wakeAll(ends);
}

/** The end of a log, as a record of the table's stream has it; undefined when it is of something else (snapshots, parts, deletions), or of a name that SQS might refuse for ever. */
function endOf({ eventName, dynamodb }: DynamoDBRecord): { log: string; offset: Offset } | undefined {
  const { cluster, offset } = dynamodb?.Keys ?? {};
  if (eventName !== 'INSERT' || !cluster?.S || !offset?.N || !isClusterName(clusterOfLog(cluster.S))) return undefined;
  return { log: cluster.S, offset: lastOffsetOf(Number(offset.N), dynamodb?.NewImage?.['payload']) };
}

/** An entry whose payload is elsewhere, in parts, holds one event. One that cannot be read wakes all the same: it is for the reconcilers to say so. */
function lastOffsetOf(offset: Offset, payload: AttributeValue | undefined): Offset {
  if (!payload?.B) return offset;
  try {
    return lastOffset(decodeEntry(Buffer.from(payload.B, 'base64')));
  } catch (error) {
    problem(`the entry at ${offset} cannot be read`, error);
    return offset;
  }
}
