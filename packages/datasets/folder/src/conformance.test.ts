import { testDataset } from '@multichexnet/testing';
import { afterAll } from 'vitest';
import { csvDataset, folderDataset } from './index.js';
import { mask, png, removeRoots, writeRoot } from './toy-root.js';

afterAll(removeRoots);

const films = async (count: number, name: (i: number) => string): Promise<Record<string, Uint8Array>> =>
  Object.fromEntries(
    await Promise.all(Array.from({ length: count }, async (_, i) => [name(i), await png(i)] as const)),
  );

testDataset(csvDataset, {
  root: async () =>
    writeRoot({
      ...(await films(12, (i) => `films/${i}.png`)),
      'masks/0.png': await mask(true),
      'masks/1.png': await mask(false),
      'labels.csv': [
        'image,patient,split,sex,age,view,label,mask,x,y,width,height',
        'films/0.png,p0,train,F,41,PA,Pneumonia,masks/0.png,1,2,10,12',
        'films/0.png,p0,train,F,41,PA,Pneumonia,masks/0.png,20,2,10,12',
        'films/1.png,p1,val,M,,AP,No Finding,masks/1.png,,,,',
        ...Array.from({ length: 10 }, (_, i) => `films/${i + 2}.png,p${i >> 1},,,,,Pleural Effusion|Mass,,,,,`),
        '',
      ].join('\n'),
    }),
  tables: ['labels.csv'],
});

testDataset(folderDataset, {
  root: async () =>
    writeRoot(await films(12, (i) => `${['normal', 'Pneumonia', 'pleural effusion'][i % 3] ?? ''}/p${i}_a.png`)),
  tables: [],
  skip: [
    {
      test: 'an image that is gone is reported and left out, never a crash',
      reason: 'nothing but the file itself says that there is one',
    },
  ],
});

testDataset(folderDataset, {
  root: async () =>
    writeRoot({
      ...(await films(4, (i) => `images/${i}.png`)),
      'boxes.json': JSON.stringify({
        categories: [{ id: 1, name: 'Mass' }],
        images: Array.from({ length: 4 }, (_, i) => ({ id: i, file_name: `${i}.png` })),
        annotations: [{ image_id: 2, category_id: 1, bbox: [3, 4, 5, 6] }],
      }),
    }),
  tables: ['boxes.json'],
  options: { annotations: 'boxes.json' },
});
