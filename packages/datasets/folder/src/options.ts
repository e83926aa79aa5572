const name = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', items: name, uniqueItems: true } as const;

/** What both adapters take. */
const shared = {
  harmonise: {
    type: 'boolean',
    default: true,
    description:
      'Give findings the names of the vocabulary: "Pleural Effusion" is Effusion. Unknown words stay as they are.',
  },
  maskFinding: { ...name, description: 'Finding that a mask that is not empty says is there.' },
} as const;

const column = (standard: string): { readonly type: 'string'; readonly minLength: 1; readonly default: string } => ({
  ...name,
  default: standard,
});

export const csvOptions = {
  type: 'object',
  properties: {
    ...shared,
    table: { ...name, default: 'labels.csv', description: 'The manifest, below the root.' },
    images: { ...name, default: '.', description: 'Folder below the root that paths in the table start from.' },
    masks: { ...name, description: 'Folder below the root that paths in column `mask` start from.' },
    findings: {
      ...names,
      default: [],
      description:
        'Columns that hold one finding each: 1 or 0, blank or -1 = unknown. Without them, column `label` lists findings.',
    },
    separator: { ...name, default: '|', description: 'Between the findings of column `label`.' },
    absent: {
      type: 'string',
      enum: ['no', 'unknown'],
      default: 'no',
      description: 'What an image says of a finding that its `label` does not list but others do.',
    },
    attributes: { ...names, default: [], description: 'More columns to keep for subgroup tables.' },
    columns: {
      type: 'object',
      default: {},
      description: 'Names of the columns where they are not the standard ones.',
      properties: {
        image: column('image'),
        patient: column('patient'),
        split: column('split'),
        sex: column('sex'),
        age: column('age'),
        view: column('view'),
        source: column('source'),
        label: column('label'),
        mask: column('mask'),
        x: column('x'),
        y: column('y'),
        width: column('width'),
        height: column('height'),
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;

export const folderOptions = {
  type: 'object',
  properties: {
    ...shared,
    annotations: { ...name, description: 'COCO file below the root with boxes; without it, folders are classes.' },
    images: {
      ...name,
      description: 'Folder below the root that holds the images or class folders; default `images`, else the root.',
    },
    masks: {
      ...name,
      description: 'Folder below the root with PNG masks, each named like its image; an image without one is unknown.',
    },
    negatives: {
      ...names,
      default: ['No Finding', 'normal', 'negative', 'healthy'],
      description: 'Class folders that mean that there is none of the findings.',
    },
    patient: {
      ...name,
      description:
        'Regular expression over the path of an image whose first group is the patient: "^(?:.*/)?([^/_]+)_".',
    },
  },
  additionalProperties: false,
} as const;
