const years: Readonly<Record<string, number>> = { Y: 1, M: 1 / 12, W: 7 / 365.25, D: 1 / 365.25 };

/**
 * PatientAge (VR AS, PS3.5 6.2) in years: `058Y` -> 58, `006M` -> 0.5, `010D` -> 10 / 365.25; also the bare `51` that the RSNA
 * files hold. The value is not judged (RSNA has ages to 155). Undefined when absent or not an age.
 */
export function parseAge(text: string | undefined): number | undefined {
  const match = /^\s*(\d{1,4}(?:\.\d+)?)\s*([YMWD]?)\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toUpperCase();
  return Number(match[1]) * (unit === '' ? 1 : years[unit]!);
}
