/** `metav1.LabelSelector`: which labels an object must have. */
export interface LabelSelector {
  matchLabels?: Readonly<Record<string, string>>;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/**
 * Whether `selector` selects an object with these labels (metav1.LabelSelectorAsSelector): none selects nothing, an empty one everything.
 */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (!selector) return false;
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const has = Object.hasOwn(labels, key);
    switch (operator) {
      case 'In':
        return has && values.includes(labels[key]!);
      case 'NotIn':
        return !has || !values.includes(labels[key]!);
      case 'Exists':
        return has;
      case 'DoesNotExist':
        return !has;
      default:
        return false;
    }
  });
}

/** Whether a selector is there and names nothing, so that it selects everything. */
export const selectsEverything = (selector: LabelSelector | undefined): boolean =>
  selector !== undefined && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;

/**
 * A label selector in the syntax of the `labelSelector` parameter: `app=web,tier in (a,b)`, its requirements ordered by key
 * (labels.Selector.String; `status.selector` of a Scale is this). Empty for one that selects everything.
 */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  if (!selector) return '';
  const requirements = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector.matchExpressions ?? []).map((expression) => ({ key: expression.key, text: requirementText(expression) })),
  ];
  return requirements
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

function requirementText({ key, operator, values = [] }: { key: string; operator: string; values?: readonly string[] }): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'NotIn':
      return `${key} notin (${[...values].sort().join(',')})`;
    default:
      return `${key} in (${[...values].sort().join(',')})`;
  }
}
