import type { Random } from '../model/random.ts';

const MANNERS = [
  'able amber ample arctic blithe brisk calm candid clever cosy crisp deft eager earnest fair fleet fond frank gentle glad golden hardy',
  'honest jolly keen kind lively lucid mellow merry mild nimble noble patient placid plucky polite quiet ready serene sharp silver',
  'sincere sober steady still sunny tidy tranquil trusty upbeat vivid warm wise witty zesty',
]
  .join(' ')
  .split(' ');

const PEOPLE = [
  'abel ampere anning arendt babbage banach bell blackwell bohr boole cantor carson cerf church codd cori curie darwin dijkstra dirac',
  'easley einstein euclid euler faraday fermat fermi franklin galileo gauss germain goodall haslett herschel hodgkin hopper hypatia',
  'jemison joliot kepler knuth lamport liskov lovelace maxwell meitner mendel mirzakhani newton noether pascal pasteur perlman ritchie',
  'rubin sanderson shannon sinoussi sutherland tesla thompson turing volta wiles wing wu yalow',
]
  .join(' ')
  .split(' ');

/** A name for a service that came without one: manner and surname, as moby's namesgenerator makes them (the words are our own). */
export const drawServiceName = (random: Random): string =>
  `${MANNERS[random.below(MANNERS.length)] ?? ''}_${PEOPLE[random.below(PEOPLE.length)] ?? ''}`;
