/** Leaves out what no behaviour depends on: the sentences and rule ids that the chart carries for people. */

const isForPeople = (path) => {
  const { node } = path;
  if (!path.isObjectProperty()) return false;
  const name = node.key.type === 'Identifier' ? node.key.name : node.key.value;
  return name === 'description' || name === 'meta';
};

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'words',
    value: {
      shouldIgnore: (path) => (isForPeople(path) ? 'Words for people: tests of test/house read them.' : undefined),
    },
  },
];
