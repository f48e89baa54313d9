// The command line of contend.
int main() {
  return 2;
}
