import type { Env } from '../../env.ts';
import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import { decodeContent, encodeContent } from '../codec.ts';
import { type ListedProposal, MAX_PROPOSAL_BYTES, type Proposals } from '../proposals.ts';
import { atWorkForMs } from './at-work.ts';
import { type Item, keyAt, numberOf, numberOfName, proposalsPartition } from './keys.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/**
 * Proposals as records of a partition beside the log: a write unit per KB to put one, one to remove it, and a consistent query to see them. None of their
 * attributes is called `writer`: records that have one wake the reconcilers (infra/relay.ts).
 */
export function dynamodbProposals(requests: Requests, clock: Env['clock']): Proposals {
  return {
    async put(cluster, { id, after, ...content }) {
      const bytes = encodeContent(content);
      if (bytes.length > MAX_PROPOSAL_BYTES) return false;
      try {
        await requests.put({
          Item: {
            ...keyAt(proposalsPartition(cluster), numberOfName(id)),
            id: { S: id },
            after: { N: String(after.offset) },
            by: { S: after.writer },
            payload: { B: bytes },
            time: { N: String(epochMs(clock.now())) },
          },
          // Two ids that have the same number: one of them is not proposed.
          ConditionExpression: 'attribute_not_exists(#cluster) OR #id = :id',
          ExpressionAttributeNames: { '#cluster': 'cluster', '#id': 'id' },
          ExpressionAttributeValues: { ':id': { S: id } },
        });
        return true;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return false;
      }
    },

    /** One page: 1 MB of them is more than an entry takes. */
    async list(cluster) {
      for await (const items of requests.query(allOf(cluster))) return items.map(listed);
      return [];
    },

    async delete(cluster, id) {
      await requests.delete({ Key: keyAt(proposalsPartition(cluster), numberOfName(id)) });
    },
  };
}

/** Deletes proposals whose writers are dead. Nothing names a proposal, so that none is missed if they are not. */
export async function sweepProposals(requests: Requests, cluster: string, now: RealInstant): Promise<void> {
  for await (const items of requests.query(allOf(cluster))) {
    for (const item of items) {
      if (atWorkForMs(realInstant(numberOf(item, 'time')), now) <= 0)
        await requests.delete({ Key: keyAt(proposalsPartition(cluster), numberOf(item, 'offset')) });
    }
  }
}

/** Those of a log that has ended. */
export async function deleteProposals(requests: Requests, log: string): Promise<void> {
  for await (const items of requests.query(allOf(log)))
    for (const item of items) await requests.delete({ Key: keyAt(proposalsPartition(log), numberOf(item, 'offset')) });
}

const allOf = (cluster: string) => ({
  KeyConditionExpression: '#cluster = :cluster',
  ExpressionAttributeNames: { '#cluster': 'cluster' },
  ExpressionAttributeValues: { ':cluster': { S: proposalsPartition(cluster) } },
  ConsistentRead: true,
});

const listed = (item: Item): ListedProposal => ({
  id: item['id']!.S!,
  after: { offset: numberOf(item, 'after'), writer: item['by']!.S! },
  content: () => decodeContent(item['payload']!.B!),
});
