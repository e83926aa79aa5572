/** One formatter, near its defaults; wide lines keep tensor shapes beside the code they describe. */
export default { printWidth: 120, singleQuote: true };
