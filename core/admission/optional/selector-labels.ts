import { labelValue, qualifiedName } from '../../kube/validation/names.ts';

export type Labels = Readonly<Record<string, string>>;

/** The labels that a selector asks for which is a list of `name=value` (labels.ConvertSelectorToLabelsMap); what is wrong with it, in its words, when it is none. */
export function selectorLabels(text: string): Labels | string {
  const labels: Record<string, string> = {};
  for (const part of text === '' ? [] : text.split(',')) {
    const sides = part.split('=').map((side) => side.trim());
    if (sides.length !== 2) return `invalid selector: [${part.split('=').join(' ')}]`;
    const [name, value] = sides as [string, string];
    const nameErrors = qualifiedName(name);
    if (nameErrors.length > 0) return `<nil>: Invalid value: ${JSON.stringify(name)}: ${nameErrors.join('; ')}`;
    const valueErrors = labelValue(value);
    if (valueErrors.length > 0) return `[${name}]: Invalid value: ${JSON.stringify(value)}: ${valueErrors.join('; ')}`;
    labels[name] = value;
  }
  return labels;
}
