export type Option<Value extends string> = { readonly value: Value; readonly name: string; readonly text?: string };

type ChoiceProps<Value extends string> = {
  readonly name: string;
  readonly label: string;
  readonly options: readonly Option<Value>[];
  readonly value: Value;
  readonly className?: string;
  readonly onChoose: (value: Value) => void;
};

/** One of several, as a group of radio buttons that look like buttons. */
export function Choice<Value extends string>({
  name,
  label,
  options,
  value,
  className = '',
  onChoose,
}: ChoiceProps<Value>) {
  return (
    <fieldset className={`choice ${className}`} id={name}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="option" title={option.text}>
          <input
            type="radio"
            className="option-input"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span>{option.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
