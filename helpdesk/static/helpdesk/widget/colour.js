// The brand's colour, made legible: WCAG 2 asks for 4.5 between text and what it stands on.

const SURFACE = { light: "#FFFFFF", dark: "#191817" };
const INK = "#201E1A";

/** Custom properties for a brand colour "#rrggbb"; each pair of text and ground has a contrast of 4.5 or more. */
export function palette(colour) {
  const brand = /^#[0-9a-f]{6}$/i.test(colour) ? colour : "#2B2925";
  const onBrand = contrast(brand, "#FFFFFF") >= 4.5 ? "#FFFFFF" : INK;
  const ground = contrast(brand, onBrand) >= 4.5 ? brand : towards(brand, "#000000", "#FFFFFF");
  const text = contrast(ground, onBrand) >= 4.5 ? onBrand : "#FFFFFF";
  const light = towards(brand, "#000000", SURFACE.light);
  const dark = towards(brand, "#FFFFFF", SURFACE.dark);
  return {
    "--brand": ground,
    "--on-brand": text,
    "--on-brand-2": [0.86, 0.93].map((part) => mix(ground, text, part)).find((soft) => contrast(ground, soft) >= 4.5) || text,
    "--brand-ink": `light-dark(${light}, ${dark})`,
    "--brand-tint": `light-dark(${mix("#FFFFFF", light, 0.09)}, ${mix(SURFACE.dark, dark, 0.14)})`,
    "--brand-line": `light-dark(${mix("#FFFFFF", light, 0.28)}, ${mix(SURFACE.dark, dark, 0.32)})`,
  };
}

/** WCAG 2 contrast of two colours, 1 to 21. */
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** `colour`, moved towards `pole` no further than it takes to read well on `ground`. */
function towards(colour, pole, ground) {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = mix(colour, pole, part);
    if (contrast(mixed, ground) >= 4.6) return mixed;
  }
  return pole;
}

function mix(from, to, part) {
  const [a, b] = [channels(from), channels(to)];
  return "#" + a.map((value, at) => Math.round(value + (b[at] - value) * part).toString(16).padStart(2, "0")).join("");
}

function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
