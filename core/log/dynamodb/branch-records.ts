import { type Branch, clusterOfLog, isBegunLog, type Segment } from '../branches.ts';
import { type Item, keyAt, registryPartition, wideNumberOfName } from './keys.ts';
import { isRegistered } from './registry.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/** `unproven`: whoever reads the record looks whether all is there that its base names. That stays so for as long as the record is there, so that no write is needed to say it. */
type State = 'unproven' | 'proven';

export interface BranchRecord extends Branch {
  readonly state: State;
}

export async function recordOf({ get }: Requests, cluster: string): Promise<BranchRecord | undefined> {
  const { Item: item } = await get({ Key: keyAt(registryPartition, wideNumberOfName(cluster)), ConsistentRead: true });
  return item && { ...branchIn(item), state: item['state']!.S!.split(' ', 1)[0] as State };
}

/** Puts a record where there is none. Returns whether it did, as far as that is known. */
export async function putRecord({ put }: Requests, branch: Branch, state: State): Promise<boolean> {
  try {
    await put({
      Item: itemOf(branch, state),
      ConditionExpression: 'attribute_not_exists(#cluster)',
      ExpressionAttributeNames: { '#cluster': 'cluster' },
    });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
}

/** Takes its base from the record of a branch. Does nothing where it is another branch's by now. */
export async function cutRecord({ put }: Requests, { state, ...branch }: BranchRecord): Promise<void> {
  try {
    await put({ Item: itemOf({ ...branch, base: [] }, 'proven'), ...ifStill(branch, state) });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}

export async function deleteRecord(requests: Requests, branch: Pick<Branch, 'cluster' | 'log'>, state: State): Promise<void> {
  try {
    await requests.delete({ Key: keyAt(registryPartition, wideNumberOfName(branch.cluster)), ...ifStill(branch, state) });
  } catch (error) {
    // It is gone, in another state, or one of another branch of that name.
    if (!isConditionFailed(error)) throw error;
  }
}

const itemOf = (branch: Branch, state: State): Item => ({
  ...keyAt(registryPartition, wideNumberOfName(branch.cluster)),
  name: { S: branch.cluster },
  log: { S: branch.log },
  base: { S: JSON.stringify(branch.base) },
  state: { S: stateText(branch, state) },
});

const branchIn = (item: Item): Branch => ({ cluster: item['name']!.S!, log: item['log']!.S!, base: JSON.parse(item['base']!.S!) as Segment[] });

/** One text, so that one condition says of which log it is and how far it has come. */
const stateText = ({ log }: Pick<Branch, 'log'>, state: State) => `${state} ${log}`;

const ifStill = (branch: Pick<Branch, 'log'>, state: State) => ({
  ConditionExpression: '#state = :state',
  ExpressionAttributeNames: { '#state': 'state' },
  ExpressionAttributeValues: { ':state': { S: stateText(branch, state) } },
});

export async function listBranches({ query }: Requests): Promise<Branch[]> {
  const branches = new Map<string, Branch>();
  const all = {
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: registryPartition } },
    ConsistentRead: true,
  };
  for await (const page of query(all)) {
    for (const item of page) {
      const name = item['name']!.S!;
      if (item['log']) branches.set(name, branchIn(item));
      else if (!branches.has(name)) branches.set(name, { cluster: name, log: name, base: [] });
    }
  }
  return [...branches.values()];
}

/** Whether a log is that of a cluster now. */
export async function isCurrent(requests: Requests, log: string): Promise<boolean> {
  const cluster = clusterOfLog(log);
  return isBegunLog(log) ? (await recordOf(requests, cluster))?.log === log : isRegistered(requests, cluster);
}
