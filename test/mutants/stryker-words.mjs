/** Leaves out what no behaviour depends on: the sentences and rule ids that the chart carries for people. */

const nameOf = ({ key }) => (key.type === 'Identifier' ? key.name : key.value);
const isForPeople = (node) => node.type === 'ObjectProperty' && ['description', 'meta'].includes(nameOf(node));

/** An event that only wakes the machine, say, or that is dropped on purpose. */
const hasOnlyWords = (node) =>
  node.type === 'ObjectExpression' && node.properties.length > 0 && node.properties.every(isForPeople);

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'words',
    value: {
      shouldIgnore: ({ node }) =>
        isForPeople(node) || hasOnlyWords(node) ? 'Words for people: tests of test/house read them.' : undefined,
    },
  },
];
