import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';

const moment = (description: string): JSONSchemaProps => ({ 'x-kubernetes-int-or-string': true, description });
const text = (description: string): JSONSchemaProps => ({ type: 'string', description });
const count = (description: string): JSONSchemaProps => ({ type: 'integer', format: 'int64', description });
const time = (description: string): JSONSchemaProps => ({ type: 'string', format: 'date-time', description });

/** What `kubectl explain cluster` says, and what an object must be to be read by the rules of the kind (cluster-rules.ts). */
export const clusterSchema: Readonly<Record<string, JSONSchemaProps>> = {
  spec: {
    type: 'object',
    default: {},
    properties: {
      forkOf: {
        type: 'object',
        required: ['name'],
        description: 'The cluster whose history this one has, up to a moment. Cannot be changed.',
        properties: {
          name: text('The name of that cluster.'),
          at: moment('The moment: a resourceVersion, a time (RFC 3339), or the name of a bookmark of that cluster. Defaults to now.'),
        },
      },
      ttl: text('How long after its creation the cluster goes by itself, log and all, such as 2h.'),
      expiresAt: time('When the cluster goes by itself, log and all.'),
      nodes: {
        type: 'integer',
        format: 'int32',
        minimum: 0,
        maximum: 5000,
        description: 'How many nodes it begins with. Cannot be changed here. Defaults to what the host gives a cluster.',
      },
      clock: {
        type: 'object',
        description: 'How the time of the cluster goes. As it is set there already, unless told.',
        properties: {
          rate: { type: 'number', minimum: 0, maximum: 86_400, description: 'How many seconds pass in it in a second of real time. Defaults to 1.' },
          paused: { type: 'boolean', description: 'Its time stands still.' },
          advance: text('Puts its time forward, such as 3h: an order, which is carried out once and then found in status.clock.'),
        },
      },
      retention: text('How long its past can be read at least, such as 24h; 0: for ever. Defaults to what the host is set to.'),
      eventTTL: text('How long an Event stays after its last write, such as 1h; 0: for ever. Defaults to what the host is set to.'),
      suspended: { type: 'boolean', description: 'Its scheduler, controllers and nodes rest. Its API answers.' },
      resetTo: moment(
        'Sets the cluster back to what it was: start, a resourceVersion, a time (RFC 3339), or the name of one of its bookmarks. An order, which is carried out once and then found in status.reset.',
      ),
    },
  },
  status: {
    type: 'object',
    properties: {
      phase: text('Ready, Resetting, Suspended, Failed or Terminating.'),
      conditions: {
        type: 'array',
        items: {
          type: 'object',
          required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
          properties: {
            type: text('Ready or Suspended.'),
            status: text('True or False.'),
            reason: text('Why, in one word.'),
            message: text('Why, for people.'),
            lastTransitionTime: time('When the status became another one.'),
          },
        },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
      observedGeneration: count('Of the spec that has been carried out.'),
      log: text('The name of its log, which no other cluster of this name had or will have.'),
      expiresAt: time('When it goes by itself.'),
      fork: { type: 'object', description: 'Where it left the history of its parent.', properties: { offset: count('Right after this resourceVersion.') } },
      clock: {
        type: 'object',
        properties: {
          ordered: text('By how much its clock was to be put forward since it began.'),
          advanced: text('By how much it has been.'),
          isSet: { type: 'boolean', description: 'The spec has set it.' },
        },
      },
      reset: {
        type: 'object',
        description: 'The last reset.',
        properties: {
          to: text('What was asked for.'),
          offset: count('The resourceVersion right after which that is.'),
          from: count('Where the cluster was when that was asked for.'),
          ordered: count('How many resets were asked for.'),
          completed: count('How many are done.'),
          failure: text('Why it could not be done.'),
        },
      },
      failure: text('Why it cannot be had.'),
      url: text('The URL of its API server. Found out when it is read, as all that follows.'),
      offset: count('The newest resourceVersion.'),
      lastActivity: time('When that was written, by its own time.'),
      objects: count('How many objects it has, where it is open in the process that answers.'),
      bytes: count('How many bytes of memory it takes there, about.'),
      forks: count('How many clusters were made as forks of it.'),
      writes: {
        type: 'object',
        description:
          'What its writes have come to, as far as its log is kept, where the log can tell: that of one machine can. What a fork shares is not in it, and neither are snapshots.',
        properties: {
          entries: count('How many entries of the log.'),
          bytes: count('How many bytes they have.'),
          units: count('How many write units of DynamoDB that is: of a kilobyte, or of a part of one, each.'),
        },
      },
      reconcilers: {
        type: 'array',
        description: 'The reconcilers that failed on it when they ran last.',
        items: {
          type: 'object',
          properties: {
            name: text('scheduler, controllers, nodes or the like.'),
            error: text('With what.'),
            since: time('Since when.'),
            attempts: count('How many runs have failed since, deployed.'),
            deadLettered: {
              type: 'boolean',
              description: 'Deployed: what woke it was put into the dead-letter queue, so that it is not tried again until something else wakes it.',
            },
          },
        },
      },
      subscriptions: {
        type: 'array',
        description: 'Its subscriptions that fail, or have dead letters, where it is open in the process that answers: the first 20.',
        items: {
          type: 'object',
          properties: {
            kind: text('Subscription or ClusterSubscription.'),
            namespace: text('Where it is.'),
            name: text('Its name.'),
            error: text('The last error.'),
            lag: count('How many changes have come since its target took one.'),
            deadLetters: count('How many changes were put aside.'),
          },
        },
      },
    },
  },
};
